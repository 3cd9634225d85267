/** An event of the live bench: `at` is when it was published, in milliseconds since the epoch. */
export interface Notice {
  readonly id: string;
  readonly at: number;
  readonly text: string;
  readonly product: { readonly __typename: 'Product'; readonly upc: string };
}

export const TEXT = 'Your parcel has left the depot and is on its way to you.';
export const PRODUCT = {
  __typename: 'Product',
  upc: '7',
  name: 'Enamel stove, two plates',
} as const;

/** What a bench says to a target. */
export type Order = { readonly publish: number } | { readonly collect: true };

/** A log of notices: readers start at its end, or anywhere before. */
export class Feed {
  readonly log: Notice[] = [];
  private readonly listeners = new Set<() => void>();

  publish(): void {
    this.log.push({
      id: String(this.log.length + 1),
      at: performance.timeOrigin + performance.now(),
      text: TEXT,
      product: { __typename: 'Product', upc: PRODUCT.upc },
    });
    for (const listener of this.listeners) listener();
  }

  /** Called after every event. Returns what ends the calls. */
  onPublished(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** One iterator per reader, as subgraphs usually have it. */
  async *read(): AsyncGenerator<Notice> {
    let next = this.log.length;
    let wake: (() => void) | null = null;
    const stop = this.onPublished(() => wake?.());
    try {
      for (;;) {
        while (next < this.log.length) yield this.log[next++]!;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      stop();
    }
  }
}

/** Obeys the bench that started this process; a target without a feed only collects garbage. */
export function obey(feed: Feed | null): void {
  process.on('message', (order: Order) => {
    if ('publish' in order) for (let i = 0; i < order.publish; i++) feed?.publish();
    else {
      globalThis.gc?.();
      process.send?.({ collected: true });
    }
  });
  process.on('disconnect', () => process.exit(0));
}

export const SUBSCRIPTION = 'subscription Live { noticed { id at text product { upc name } } }';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])
`;

export const NOTICES_SDL = `${LINK}
  type Query { noticeCount: Int }
  type Subscription { noticed: Notice }
  type Notice { id: ID! at: Float! text: String! product: Product! }
  type Product @key(fields: "upc") { upc: ID! }
`;
export const PRODUCTS_SDL = `${LINK}
  type Query { product(upc: ID!): Product }
  type Product @key(fields: "upc") { upc: ID! name: String }
`;
