import type { Logger } from '../logger.ts';
import type { Transactions } from '../persistence/transaction.ts';
import type { EventEnvelope } from './envelope.ts';
import { Loop } from './loop.ts';
import type { EventTransport } from './transport.ts';

/** Handles one kind of event from another subgraph. Runs in the transaction that marks it as seen. */
export interface EventHandler {
  readonly type: string;
  /** Shapes this handler understands; another version is parked, never dropped. */
  readonly schemaVersions: readonly number[];
  handle(event: EventEnvelope): Promise<void>;
}

const BATCH_MAX = 100;
/** After this many failures the event's aggregate is parked for a person; others keep flowing. */
const ATTEMPTS_MAX = 5;
const RETRY_BASE_MS = 20;

export class Consumer {
  private readonly loop: Loop;
  private readonly handlers: ReadonlyMap<string, EventHandler>;
  private stopListening: () => void = () => {};
  /** Almost never: then no event need be asked whether one before it is. */
  private isAnyParked = true;

  constructor(
    private readonly name: string,
    handlers: readonly EventHandler[],
    private readonly transactions: Transactions,
    private readonly transport: EventTransport,
    private readonly logger: Logger,
  ) {
    this.handlers = new Map(handlers.map((handler) => [handler.type, handler]));
    this.loop = new Loop(`consumer ${name}`, () => this.pass(), logger);
  }

  start(): void {
    if (this.handlers.size === 0) return;
    this.stopListening = this.transport.onPublished((news) => {
      if (news === null || [...news].some((type) => this.handlers.has(type))) this.loop.wake();
    });
    this.loop.start();
  }

  async stop(): Promise<void> {
    this.stopListening();
    await this.loop.stop();
  }

  /** Gives parked events of one aggregate, or all, to their handlers again. Returns how many went through. */
  async replayParked(aggregateId?: string): Promise<number> {
    const parked = await this.transactions.run((em) =>
      em.execute<{ envelope: EventEnvelope }[]>(
        `select envelope from parked_event where consumer = ? and (?::text is null or aggregate_id = ?)
         order by aggregate_id, (envelope->>'aggregateVersion')::bigint`,
        [this.name, aggregateId ?? null, aggregateId ?? null],
      ),
    );
    let done = 0;
    for (const { envelope } of parked) {
      await this.apply(envelope);
      await this.transactions.run((em) =>
        em.execute('delete from parked_event where consumer = ? and event_id = ?', [
          this.name,
          envelope.eventId,
        ]),
      );
      done += 1;
    }
    return done;
  }

  /**
   * Works on parked events that an operator asked for, by aggregates: one that fails again leaves
   * those behind it parked, and the other aggregates go on.
   */
  private async replayAsked(): Promise<void> {
    const aggregates = await this.transactions.run((em) =>
      em.execute<{ aggregate_id: string }[]>(
        `select distinct aggregate_id from parked_event where consumer = ? and replay_asked_at is not null`,
        [this.name],
      ),
    );
    for (const { aggregate_id: aggregateId } of aggregates) {
      let error = 'not asked for any more';
      try {
        await this.replayParked(aggregateId);
      } catch (err) {
        error = err instanceof Error ? err.message : String(err);
        this.logger.error({ err, aggregateId }, 'parked event failed again');
      }
      await this.transactions.run((em) =>
        em.execute(
          `update parked_event set replay_asked_at = null, error = ?, attempts = attempts + 1
           where consumer = ? and aggregate_id = ?`,
          [error.slice(0, 500), this.name, aggregateId],
        ),
      );
    }
  }

  private async pass(): Promise<boolean | 'soon'> {
    // One statement that only reads: it needs no transaction, and there is a pass for every event.
    const [cursor] = await this.transactions
      .reader()
      .execute<{ position: string; is_any_parked: boolean; is_replay_asked: boolean }[]>(
        `select position, exists (select 1 from parked_event as parked where parked.consumer = inbox_cursor.consumer) as is_any_parked,
                exists (select 1 from parked_event as parked where parked.consumer = inbox_cursor.consumer
                        and parked.replay_asked_at is not null) as is_replay_asked
         from inbox_cursor where consumer = ?`,
        [this.name],
      );
    // Whoever parks an event does so before the position moves past it: both are read at once.
    this.isAnyParked = cursor?.is_any_parked ?? true;
    const position = cursor?.position ?? null;
    const batch = await this.transport.read(position, [...this.handlers.keys()], BATCH_MAX);
    for (const event of batch.events) await this.receive(event);
    if (cursor?.is_replay_asked) await this.replayAsked();
    if (batch.position !== null && batch.position !== position) {
      await this.transactions.run((em) =>
        em.execute(
          `insert into inbox_cursor (consumer, position) values (?, ?)
           on conflict (consumer) do update set position = excluded.position`,
          [this.name, batch.position],
        ),
      );
    }
    return batch.more ? 'soon' : false;
  }

  private async receive(event: EventEnvelope): Promise<void> {
    if (this.isAnyParked && (await this.hasParkedBefore(event)))
      return this.park(event, 'an earlier event of this aggregate is parked', 0);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.apply(event);
      } catch (err) {
        const { eventId, type, aggregateId } = event;
        this.logger.warn({ err, eventId, type, aggregateId, attempt }, 'event handler failed');
        if (attempt >= ATTEMPTS_MAX) {
          return this.park(event, err instanceof Error ? err.message : String(err), attempt);
        }
        await new Promise((resolve) => setTimeout(resolve, RETRY_BASE_MS * 3 ** attempt));
      }
    }
  }

  private async apply(event: EventEnvelope): Promise<void> {
    const handler = this.handlers.get(event.type);
    if (!handler) return;
    if (!handler.schemaVersions.includes(event.schemaVersion)) {
      throw new Error(`no handler for version ${event.schemaVersion} of ${event.type}`);
    }
    await this.transactions.run(async (em) => {
      const fresh = await em.execute<unknown[]>(
        'insert into inbox (consumer, event_id) values (?, ?) on conflict do nothing returning 1',
        [this.name, event.eventId],
      );
      if (fresh.length > 0) await handler.handle(event);
    });
  }

  private async hasParkedBefore(event: EventEnvelope): Promise<boolean> {
    const parked = await this.transactions
      .reader()
      .execute<unknown[]>(
        'select 1 from parked_event where consumer = ? and aggregate_id = ? limit 1',
        [this.name, event.aggregateId],
      );
    return parked.length > 0;
  }

  private async park(event: EventEnvelope, error: string, attempts: number): Promise<void> {
    this.isAnyParked = true;
    this.logger.error(
      { eventId: event.eventId, type: event.type, aggregateId: event.aggregateId },
      'event parked',
    );
    await this.transactions.run((em) =>
      em.execute(
        `insert into parked_event (consumer, event_id, aggregate_id, envelope, error, attempts)
         values (?, ?, ?, ?::jsonb, ?, ?) on conflict do nothing`,
        [
          this.name,
          event.eventId,
          event.aggregateId,
          JSON.stringify(event),
          error.slice(0, 500),
          attempts,
        ],
      ),
    );
  }
}
