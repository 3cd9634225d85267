import { afterEach, describe, expect, it } from '@jest/globals';
import { JOINED, type LiveGateway, REVIEWS, startLiveGateway } from '../support/live-gateway.ts';
import { eventually, SocketClient } from '../support/socket-client.ts';

const CLIENTS = 12;
const STEPS = 150;
const EVENTS_MAX = 8;
const OTHER_SCHEMA = REVIEWS.replace('reviewCount: Int', 'reviewCount: Int averageStars: Float');

let live: LiveGateway | null = null;
const readers: Reader[] = [];

afterEach(async () => {
  for (const reader of readers.splice(0)) reader.leave();
  await live?.close();
});

/** The same storm for the same seed: a failure can be looked at again. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Comes back with its last cursor whenever it was cut off, and keeps all it ever received. */
class Reader {
  readonly received: string[] = [];
  private client: SocketClient | null = null;
  private cursor: string | undefined;

  constructor(private readonly gateway: LiveGateway) {}

  async arrive(): Promise<void> {
    if (this.client) return;
    this.client = await SocketClient.connect(this.gateway.url);
    this.client.subscribe('1', JOINED, { cursor: this.cursor, bookmarks: true });
    await this.client.until(() => this.cursor !== undefined || this.client!.cursor('1') !== '');
    this.cursor ??= this.client.cursor('1');
  }

  leave(): void {
    if (!this.client) return;
    this.client.close();
    this.keep(this.client);
    this.client = null;
  }

  get total(): number {
    return this.received.length + (this.client?.reviews('1').length ?? 0);
  }

  get failures(): unknown[] {
    return this.client?.of('1', 'error') ?? [];
  }

  private keep(client: SocketClient): void {
    this.received.push(...client.reviews('1'));
    this.cursor = client.cursor('1') || this.cursor;
  }
}

describe('a storm of disconnects, restarts and reloads', () => {
  it.each([1, 2, 3, 4])(
    'loses nothing, repeats nothing, reorders nothing (storm %i)',
    async (seed) => {
      live = await startLiveGateway({ subscriptions: { queuedEventsMax: 20 } });
      const { reviews } = live;
      reviews.givesBookmarks = true;
      const random = randomFrom(seed);
      let published = 0;
      const publish = (count: number) => {
        const ids = Array.from({ length: count }, () => `r${++published}`);
        reviews.publish(...ids.map((id) => ({ id, stars: 5, upc: 'u1' })));
      };
      for (let i = 0; i < CLIENTS; i++) {
        const reader = new Reader(live);
        readers.push(reader);
        await reader.arrive();
      }

      for (let step = 0; step < STEPS; step++) {
        const dice = random(100);
        if (dice < 45) publish(1 + random(EVENTS_MAX));
        else if (dice < 70) readers[random(CLIENTS)]!.leave();
        else if (dice < 90) await readers[random(CLIENTS)]!.arrive();
        else if (dice < 94) reviews.cut();
        else if (dice < 96) {
          await reviews.stop();
          publish(random(EVENTS_MAX));
          await reviews.start();
        } else live.reload(random(2) === 0 ? REVIEWS : OTHER_SCHEMA);
        if (random(3) === 0) await new Promise((resolve) => setTimeout(resolve, random(8)));
      }
      for (const reader of readers) await reader.arrive();
      publish(1);
      await eventually(() => readers.every(({ total }) => total >= published), 20_000);
      await new Promise((resolve) => setTimeout(resolve, 50));

      for (const reader of readers) {
        expect(reader.failures).toEqual([]);
        reader.leave();
        expect(reader.received).toEqual(Array.from({ length: published }, (_, i) => `r${i + 1}`));
      }
      await eventually(() => live!.subscriptions.counters.active === 0);
      await eventually(() => reviews.streams === 0);
    },
  );
});
