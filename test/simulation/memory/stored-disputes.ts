import type { Outbox } from '../../../subgraphs/kernel/events/outbox.ts';
import { Money } from '../../../subgraphs/kernel/money.ts';
import type { Transactions } from '../../../subgraphs/kernel/persistence/transaction.ts';
import type {
  DisputesStore,
  DisputesTransaction,
} from '../../../subgraphs/payments/application/dispute.ports.ts';
import type { Dispute, DisputePolicy } from '../../../subgraphs/payments/domain/dispute.ts';
import type { Payment } from '../../../subgraphs/payments/domain/payment.ts';
import type { PaymentRequest } from '../../../subgraphs/payments/domain/payment-request.ts';
import { publishedDispute } from '../../../subgraphs/payments/events/published-dispute.ts';
import type { MemorySession } from './database.ts';
import type { MemoryMoneyStore } from './stored-money.ts';
import type { TableSpec } from './tables.ts';

/** The table of payments' 0013-create-disputes.ts. */
export const DISPUTE_TABLES = [
  {
    name: 'dispute',
    keyOf: (row: Dispute) => row.id,
    uniques: [(row: Dispute) => row.processorDisputeId],
  },
] as unknown as readonly TableSpec<never>[];

const POLICY: DisputePolicy = {
  ...{ evidenceLeadHours: 48, appealDays: 10, chargebackFee: Money.zero('USD') },
};

export class MemoryDisputeStore implements DisputesStore {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly money: MemoryMoneyStore,
  ) {}

  transact<T>(work: (tx: DisputesTransaction) => Promise<T>): Promise<T> {
    return this.transactions.run((em) =>
      this.money.transact((tx) => {
        const session = em as unknown as MemorySession;
        return work({
          ...tx,
          lockDispute: (id) => session.lockedEntity<Dispute>('dispute', id),
          addDispute: (dispute) => session.add('dispute', dispute),
          disputesOf: (paymentId) =>
            session.entities<Dispute>('dispute', (row) => row.paymentId === paymentId),
          disputePolicy: async () => POLICY,
          recordDispute: async (dispute, payment, isDisputed) =>
            this.outbox.append([publishedDispute(dispute, payment, isDisputed, await tx.now())]),
        });
      }),
    );
  }

  async findDispute(id: string): Promise<Dispute | null> {
    return (await this.fresh('find dispute')).entity<Dispute>('dispute', id);
  }

  findPayment(id: string): Promise<Payment | null> {
    return this.money.findPayment(id);
  }

  findPaymentByCapture(captureId: string): Promise<Payment | null> {
    return this.money.findPaymentByCapture(captureId);
  }

  async findRequest(id: string): Promise<PaymentRequest | null> {
    return (await this.fresh('find request')).entity<PaymentRequest>('payment_request', id);
  }

  disputesToRead(now: Date, limit: number): Promise<readonly Dispute[]> {
    return this.where((row) => row.nextReadAt !== null && row.nextReadAt <= now, limit);
  }

  disputesToAnswer(now: Date, limit: number): Promise<readonly Dispute[]> {
    return this.where(
      (row) =>
        row.status === 'WAITING_SELLER' &&
        row.canProvideEvidence &&
        row.evidenceProvidedAt === null &&
        (row.nextEvidenceAt === null || row.nextEvidenceAt <= now),
      limit,
    );
  }

  async disputesToClose(resolvedBefore: Date, limit: number): Promise<readonly string[]> {
    const found = await this.where(
      ({ status, resolvedAt }) =>
        status === 'RESOLVED' && resolvedAt !== null && resolvedAt <= resolvedBefore,
      limit,
    );
    return found.map(({ id }) => id);
  }

  async policy(): Promise<DisputePolicy> {
    return POLICY;
  }

  disputes(): Promise<readonly Dispute[]> {
    return this.where(() => true, 100);
  }

  disputesOfPayments(paymentIds: readonly string[]): Promise<readonly Dispute[]> {
    return this.where((row) => paymentIds.includes(row.paymentId), 100);
  }

  private async where(isWanted: (row: Dispute) => boolean, limit: number): Promise<Dispute[]> {
    const session = await this.fresh('look for disputes');
    return (await session.entities<Dispute>('dispute', isWanted)).slice(0, limit);
  }

  private async fresh(label: string): Promise<MemorySession> {
    const session = this.transactions.reader() as unknown as MemorySession;
    await session.pause(label);
    return session;
  }
}
