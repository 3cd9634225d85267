import type { EntityManager } from '@mikro-orm/postgresql';
import type { Outbox } from '../../kernel/events/outbox.ts';
import { Money } from '../../kernel/money.ts';
import { lockRow } from '../../kernel/persistence/lock-row.ts';
import type { Transactions } from '../../kernel/persistence/transaction.ts';
import type {
  DisputePage,
  DisputesStore,
  DisputesTransaction,
} from '../application/dispute.ports.ts';
import { OPEN_DISPUTE_STATUSES } from '../domain/dispute.states.ts';
import { Dispute, type DisputePolicy } from '../domain/dispute.ts';
import type { Payment } from '../domain/payment.ts';
import { PaymentRequest } from '../domain/payment-request.ts';
import { publishedDispute } from '../events/published-dispute.ts';
import type { StoredMoney } from './money.store.ts';

/** Disputes beside the money they hold back; locked after the payment and its disbursement. */
export class StoredDisputes implements DisputesStore {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly money: StoredMoney,
  ) {}

  transact<T>(work: (tx: DisputesTransaction) => Promise<T>): Promise<T> {
    return this.transactions.run((em) => this.money.transact((tx) => work(this.with(em, tx))));
  }

  findDispute(id: string): Promise<Dispute | null> {
    return this.transactions.reader().findOne(Dispute, { id });
  }

  findPayment(id: string): Promise<Payment | null> {
    return this.money.findPayment(id);
  }

  findPaymentByCapture(captureId: string): Promise<Payment | null> {
    return this.money.findPaymentByCapture(captureId);
  }

  findRequest(id: string): Promise<PaymentRequest | null> {
    return this.transactions.reader().findOne(PaymentRequest, { id });
  }

  disputesToRead(now: Date, limit: number): Promise<Dispute[]> {
    return this.transactions
      .reader()
      .find(Dispute, { nextReadAt: { $lte: now } }, { orderBy: { nextReadAt: 'asc' }, limit });
  }

  disputesToAnswer(now: Date, limit: number): Promise<Dispute[]> {
    return this.transactions.reader().find(
      Dispute,
      {
        status: 'WAITING_SELLER',
        canProvideEvidence: true,
        evidenceProvidedAt: null,
        $or: [{ nextEvidenceAt: null }, { nextEvidenceAt: { $lte: now } }],
      },
      { orderBy: { dueAt: 'asc' }, limit },
    );
  }

  async disputesToClose(resolvedBefore: Date, limit: number): Promise<string[]> {
    const rows = await this.transactions
      .reader()
      .execute<{ id: string }[]>(
        `select id from dispute where status = 'RESOLVED' and resolved_at <= ? order by resolved_at limit ?`,
        [resolvedBefore, limit],
      );
    return rows.map(({ id }) => id);
  }

  policy(): Promise<DisputePolicy> {
    return policyOf(this.transactions.reader());
  }

  disputes(
    { isOpen }: { readonly isOpen: boolean | null },
    { first, after }: DisputePage,
  ): Promise<Dispute[]> {
    const [openedAt, id] = after ?? [];
    const open = [...OPEN_DISPUTE_STATUSES];
    return this.transactions.reader().find(
      Dispute,
      {
        ...(isOpen === null ? {} : { status: isOpen ? { $in: open } : { $nin: open } }),
        ...(openedAt !== undefined && id !== undefined
          ? {
              $or: [
                { openedAt: { $lt: new Date(openedAt) } },
                { openedAt: new Date(openedAt), id: { $lt: id } },
              ],
            }
          : {}),
      },
      { orderBy: [{ openedAt: 'desc' }, { id: 'desc' }], limit: first + 1 },
    );
  }

  disputesOfPayments(paymentIds: readonly string[]): Promise<Dispute[]> {
    return this.transactions
      .reader()
      .find(
        Dispute,
        { paymentId: { $in: [...paymentIds] } },
        { orderBy: [{ openedAt: 'desc' }, { id: 'desc' }] },
      );
  }

  private with(
    em: EntityManager,
    tx: Parameters<Parameters<StoredMoney['transact']>[0]>[0],
  ): DisputesTransaction {
    return {
      ...tx,
      lockDispute: (id) => lockRow(em, Dispute, { id }),
      addDispute: (dispute) => void em.persist(dispute),
      disputesOf: (paymentId) => em.find(Dispute, { paymentId }),
      disputePolicy: () => policyOf(em),
      recordDispute: async (dispute, payment, isPaymentDisputed) =>
        this.outbox.append([publishedDispute(dispute, payment, isPaymentDisputed, await tx.now())]),
    };
  }
}

async function policyOf(em: EntityManager): Promise<DisputePolicy> {
  const [row] = await em.execute<
    {
      evidence_lead_hours: number;
      appeal_days: number;
      chargeback_fee_minor: string;
      currency: string;
    }[]
  >(
    'select evidence_lead_hours, appeal_days, chargeback_fee_minor::text, currency from dispute_policy',
  );
  if (!row) throw new Error('dispute_policy has no row');
  return {
    evidenceLeadHours: row.evidence_lead_hours,
    appealDays: row.appeal_days,
    chargebackFee: Money.of(BigInt(row.chargeback_fee_minor), row.currency),
  };
}
