import type { Transactions } from '../../../subgraphs/kernel/persistence/transaction.ts';
import type {
  BackstopPolicy,
  BackstopStore,
  BackstopTransaction,
  MoneyAlarm,
} from '../../../subgraphs/payments/application/backstop.ports.ts';
import type { Disbursement } from '../../../subgraphs/payments/domain/disbursement.ts';
import type { MemorySession } from './database.ts';
import type { MemoryMoneyStore } from './stored-money.ts';
import type { TableSpec } from './tables.ts';

const keyOf = ({ paymentId, kind }: Pick<MoneyAlarm, 'paymentId' | 'kind'>) =>
  `${paymentId}/${kind}`;

/** The alarms of payments' 0014-watch-money.ts. */
export const BACKSTOP_TABLES = [
  { name: 'money_alarm', keyOf },
] as unknown as readonly TableSpec<never>[];

// As the migration has it.
const POLICY: BackstopPolicy = { alarmDays: 25, hardStopDays: 27, automaticDays: 28 };

export class MemoryBackstopStore implements BackstopStore {
  constructor(
    private readonly transactions: Transactions,
    private readonly money: MemoryMoneyStore,
  ) {}

  transact<T>(work: (tx: BackstopTransaction) => Promise<T>): Promise<T> {
    return this.transactions.run((em) =>
      this.money.transact((tx) => {
        const session = em as unknown as MemorySession;
        return work({
          ...tx,
          addAlarm: async (alarm) => {
            const key = keyOf(alarm);
            await session.lock(`money_alarm/${key}`);
            if (session.row('money_alarm', key)) return false;
            session.write('money_alarm', key, { ...alarm, settledAt: null });
            return true;
          },
        });
      }),
    );
  }

  async policy(): Promise<BackstopPolicy> {
    return POLICY;
  }

  async unsettled(capturedBefore: Date, limit: number): Promise<Disbursement[]> {
    const session = this.transactions.reader() as unknown as MemorySession;
    await session.pause('look for money near its deadline');
    const found = await session.entities<Disbursement>(
      'disbursement',
      (row) => !row.isOver() && row.capturedAt <= capturedBefore,
    );
    return found.slice(0, limit);
  }

  // What only the alarm's own reader sees.
  async settleAlarms(): Promise<void> {}

  async alarms(): Promise<MoneyAlarm[]> {
    return [];
  }
}
