import type { Transactions } from '../../kernel/persistence/transaction.ts';
import type {
  AlarmKind,
  BackstopPolicy,
  BackstopStore,
  BackstopTransaction,
  MoneyAlarm,
} from '../application/backstop.ports.ts';
import { Disbursement } from '../domain/disbursement.ts';
import type { StoredMoney } from './money.store.ts';

const UNSETTLED = ['HELD', 'SCHEDULED', 'FROZEN', 'RELEASING', 'FAILED'] as const;

interface AlarmRow {
  readonly payment_id: string;
  readonly seller_id: string;
  readonly kind: AlarmKind;
  readonly raised_at: Date;
  readonly reasons: readonly string[];
  readonly settled_at: Date | null;
}

export class StoredBackstop implements BackstopStore {
  constructor(
    private readonly transactions: Transactions,
    private readonly money: StoredMoney,
  ) {}

  transact<T>(work: (tx: BackstopTransaction) => Promise<T>): Promise<T> {
    return this.transactions.run((em) =>
      this.money.transact((tx) =>
        work({
          ...tx,
          addAlarm: async ({ paymentId, kind, sellerId, raisedAt, reasons }) => {
            const rows = await em.execute<unknown[]>(
              `insert into money_alarm (payment_id, kind, seller_id, raised_at, reasons)
               values (?, ?, ?, ?, ?::jsonb) on conflict do nothing returning 1`,
              [paymentId, kind, sellerId, raisedAt, JSON.stringify(reasons)],
            );
            return rows.length > 0;
          },
        }),
      ),
    );
  }

  async policy(): Promise<BackstopPolicy> {
    const [row] = await this.transactions
      .reader()
      .execute<{ alarm_days: number; hard_stop_days: number; automatic_days: number }[]>(
        'select alarm_days, hard_stop_days, automatic_days from backstop_policy',
      );
    if (!row) throw new Error('backstop_policy has no row');
    return {
      alarmDays: row.alarm_days,
      hardStopDays: row.hard_stop_days,
      automaticDays: row.automatic_days,
    };
  }

  unsettled(capturedBefore: Date, limit: number): Promise<Disbursement[]> {
    return this.transactions
      .reader()
      .find(
        Disbursement,
        { status: { $in: [...UNSETTLED] }, capturedAt: { $lte: capturedBefore } },
        { orderBy: { capturedAt: 'asc' }, limit },
      );
  }

  async settleAlarms(now: Date): Promise<void> {
    await this.transactions.run((em) =>
      em.execute(
        `update money_alarm a set settled_at = ? from disbursement d
         where a.settled_at is null and d.payment_id = a.payment_id
           and d.status in ('RELEASED', 'RETURNED', 'AUTO_DISBURSED')`,
        [now],
      ),
    );
  }

  async alarms(isSettled: boolean | null, limit: number): Promise<MoneyAlarm[]> {
    const rows = await this.transactions.reader().execute<AlarmRow[]>(
      `select payment_id, seller_id, kind, raised_at, reasons, settled_at from money_alarm
         where ?::boolean is null or (settled_at is not null) = ?::boolean
         order by raised_at desc, payment_id, kind limit ?`,
      [isSettled, isSettled, limit],
    );
    return rows.map((row) => ({
      paymentId: row.payment_id,
      sellerId: row.seller_id,
      kind: row.kind,
      raisedAt: new Date(row.raised_at),
      reasons: row.reasons,
      settledAt: row.settled_at && new Date(row.settled_at),
    }));
  }
}
