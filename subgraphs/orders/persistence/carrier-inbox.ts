import type { Transactions } from '../../kernel/persistence/transaction.ts';
import type { CarrierInbox } from '../application/ports.ts';

/** Longer leaves a known parcel waiting; shorter asks for unknown ones in vain. */
const RETRY_MINUTES = 10;
/** A number nobody claims for so long is not ours. */
const GIVE_UP_DAYS = 7;

export class StoredCarrierInbox implements CarrierInbox {
  constructor(private readonly transactions: Transactions) {}

  store(event: { eventId: string; body: string; receivedAt: Date }): Promise<boolean> {
    return this.transactions.run(async (em) => {
      const fresh = await em.execute<unknown[]>(
        `insert into carrier_inbox (event_id, body, received_at, next_attempt_at)
         values (?, ?, ?, ?) on conflict do nothing returning 1`,
        [event.eventId, event.body, event.receivedAt, event.receivedAt],
      );
      return fresh.length > 0;
    });
  }

  pending(now: Date, limit: number) {
    return this.transactions.reader().execute<{ eventId: string; body: string }[]>(
      `select event_id as "eventId", body from carrier_inbox
       where status = 'PENDING' and next_attempt_at <= ? order by received_at limit ?`,
      [now, limit],
    );
  }

  async done(eventId: string, status: 'DONE' | 'IGNORED'): Promise<void> {
    await this.transactions.run((em) =>
      em.execute('update carrier_inbox set status = ? where event_id = ?', [status, eventId]),
    );
  }

  async later(eventId: string, now: Date): Promise<void> {
    await this.transactions.run((em) =>
      em.execute(
        `update carrier_inbox set
           status = case when received_at < ?::timestamptz - make_interval(days => ?) then 'IGNORED' else status end,
           next_attempt_at = ?::timestamptz + make_interval(mins => ?)
         where event_id = ?`,
        [now, GIVE_UP_DAYS, now, RETRY_MINUTES, eventId],
      ),
    );
  }
}
