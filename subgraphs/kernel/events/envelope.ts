/** What has happened, as one subgraph's domain tells it: past tense, named `<subgraph>.<what>`. */
export interface PublishedEvent {
  /** e.g. "payments.payment-captured". */
  readonly type: string;
  /** Version of the payload's shape, checked in under schema/events/<type>.v<version>.json. */
  readonly schemaVersion: number;
  readonly aggregateId: string;
  readonly occurredAt: Date;
  /** JSON; money as {amountMinor, currency}, times as ISO text. Never identity data or card data. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** Live streams this event belongs to, e.g. ["order:ord_..."]. */
  readonly topics?: readonly string[];
}

/** An event on its way between subgraphs, as a transport carries it. JSON all through. */
export interface EventEnvelope {
  readonly eventId: string;
  readonly type: string;
  readonly schemaVersion: number;
  /** The publishing subgraph. */
  readonly source: string;
  readonly aggregateId: string;
  /** Dense per aggregate: 1, 2, 3 ... in the order things happened to it. */
  readonly aggregateVersion: number;
  readonly occurredAt: string;
  readonly payload: Readonly<Record<string, unknown>>;
}
