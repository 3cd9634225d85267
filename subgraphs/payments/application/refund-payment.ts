import { NotAllowed, NotFound } from '../../kernel/errors.ts';
import { derivedId, isId } from '../../kernel/ids.ts';
import type { Money } from '../../kernel/money.ts';
import { type Actor, actsForSeller, principalOf } from '../../kernel/policy.ts';
import type { Payment } from '../domain/payment.ts';
import { CurrencyNotSupported } from '../domain/payment-request.errors.ts';
import { maySeeRequest } from '../domain/payment-request.policy.ts';
import { Refund, RefundExceedsPayment, RefundNotPositive } from '../domain/refund.ts';
import { bookReturnedMoney } from './book-returned-money.ts';
import type { MoneyStore, MoneyTransaction } from './money.ports.ts';
import type { IdempotencyPort } from './ports.ts';
import {
  type PaymentProcessor,
  ProcessorOutcomeUnknown,
  ProcessorRefused,
  ProcessorUnavailable,
} from './processor.port.ts';
import type { ReleaseDue } from './release-due.ts';

const BATCH_MAX = 100;

/** Who may give money back: the seller of their own sale, and support with the right to. */
export function mayRefund(actor: Actor, payment: Pick<Payment, 'sellerId'>): boolean {
  return (
    actsForSeller(actor, payment.sellerId) ||
    (actor.kind === 'support' && actor.scopes.includes('refunds')) ||
    actor.kind === 'system'
  );
}

export interface RefundCommand {
  readonly actor: Actor;
  readonly paymentId: string;
  /** Null: everything that is left. */
  readonly amount: Money | null;
  readonly reason: string;
  /** The return it is for, or the case that decided it. */
  readonly source?: {
    readonly returnId?: string | undefined;
    readonly caseId?: string | undefined;
  };
  /** The same key is the same refund, whoever repeats it. */
  readonly key: string;
}

/**
 * Gives money back. Decided, and set aside, under the capture's lock; carried out by a timer that
 * asks the processor under a request id of the refund's own, so that no repeat pays twice.
 */
export class RefundPayment {
  constructor(
    private readonly store: MoneyStore,
    private readonly processor: PaymentProcessor,
    private readonly idempotency: IdempotencyPort,
    private readonly payouts: Pick<ReleaseDue, 'isPayoutKnown'>,
  ) {}

  async execute(command: RefundCommand): Promise<Refund> {
    const { actor, paymentId, amount, reason, key } = command;
    const { response } = await this.idempotency.once(
      {
        principal: principalOf(actor),
        operation: 'refundPayment',
        key,
        request: { paymentId, amount: amount?.toJSON() ?? null, reason },
      },
      () => this.store.transact(async (tx) => ({ refundId: (await this.approve(tx, command)).id })),
    );
    await this.carryOut(response.refundId);
    const refund = await this.store.findRefund(response.refundId);
    if (refund === null) throw new NotFound('refund');
    return refund;
  }

  /** A refund of a payment the actor is a party of; null otherwise. */
  async visible(id: string, actor: Actor): Promise<Refund | null> {
    const refund = isId('refund', id) ? await this.store.findRefund(id) : null;
    const payment = refund && (await this.store.findPayment(refund.paymentId));
    return payment && maySeeRequest(actor, payment) ? refund : null;
  }

  /** Carries out what is decided and not done; run by a timer. */
  async runDue(): Promise<void> {
    const now = await this.store.transact((tx) => tx.now());
    for (const id of await this.store.dueRefunds(now, BATCH_MAX)) await this.carryOut(id);
  }

  /** Takes one up that was left to a person, in the surrounding transaction; `carryOut` asks. */
  async takeUp(refundId: string): Promise<void> {
    const known = isId('refund', refundId) ? await this.store.findRefund(refundId) : null;
    await this.store.transact(async (tx) => {
      if (known) await tx.lockPayment(known.paymentId);
      const refund = known && (await tx.lockRefund(known.id));
      if (!refund) throw new NotFound('refund', ['refundId']);
      refund.retry(await tx.now());
    });
  }

  /** Decides, in the surrounding transaction when there is one: an event and its refund are one step. */
  async approve(tx: MoneyTransaction, command: RefundCommand): Promise<Refund> {
    const { actor, paymentId } = command;
    const payment = isId('payment', paymentId) ? await tx.lockPayment(paymentId) : null;
    if (payment === null || !maySeeRequest(actor, payment))
      throw new NotFound('payment', ['paymentId']);
    if (!mayRefund(actor, payment)) throw new NotAllowed('refund this payment');
    const id = derivedId('refund', payment.id, principalOf(actor), command.key);
    const known = await tx.lockRefund(id);
    if (known !== null) return known;
    const amount = command.amount ?? payment.refundable;
    const { currency } = payment.amount;
    if (amount.currency !== currency)
      throw new CurrencyNotSupported(amount.currency, currency, ['amount']);
    if (!amount.isPositive())
      throw command.amount === null
        ? new RefundExceedsPayment(payment.refundable)
        : new RefundNotPositive();
    if (amount.exceeds(payment.refundable)) throw new RefundExceedsPayment(payment.refundable);
    const now = await tx.now();
    const platformFeeShare = payment.addRefund(amount);
    const refund = Refund.approve(
      id,
      {
        paymentId,
        sellerId: payment.sellerId,
        captureId: payment.captureId,
        amount,
        reason: command.reason,
        requestedBy: principalOf(actor),
        platformFeeShare,
        returnId: command.source?.returnId ?? null,
        caseId: command.source?.caseId ?? null,
      },
      now,
    );
    tx.addRefund(refund);
    const disbursement = await tx.lockDisbursementOf(paymentId);
    const event = disbursement?.setReason('REFUND_PENDING', true, now);
    if (event) await tx.recordDisbursement(event);
    return refund;
  }

  /** Asks the processor for it, or what became of it. */
  async carryOut(refundId: string, isPayoutKnown = false): Promise<void> {
    const paymentId = (await this.store.findRefund(refundId))?.paymentId ?? null;
    if (paymentId === null) return;
    const asked = await this.store.transact(async (tx) => {
      const payment = await tx.lockPayment(paymentId);
      const disbursement = await tx.lockDisbursementOf(paymentId);
      const refund = await tx.lockRefund(refundId);
      if (!payment || !refund?.isOpen() || refund.status === 'ESCALATED') return null;
      // A payout is whole: what is being paid is paid first, and then the seller owes the refund.
      if (disbursement?.status === 'RELEASING') return null;
      const now = await tx.now();
      if (!isPayoutKnown && disbursement?.mayBePaidByProcessor(now)) return 'MAY_BE_PAID';
      refund.submit(now);
      return { refund, merchantId: payment.payeeMerchantId };
    });
    if (asked === 'MAY_BE_PAID') {
      if (await this.payouts.isPayoutKnown(paymentId)) await this.carryOut(refundId, true);
      return;
    }
    if (asked === null) return;
    const { refund: begun, merchantId } = asked;
    try {
      const command = {
        captureId: begun.captureId,
        requestId: `refund:${refundId}`,
        amount: begun.amount,
        note: null,
        platformFeeRefund: begun.platformFeeShare,
        merchantId,
      };
      const answer = begun.processorRefundId
        ? await this.processor.getRefund(begun.processorRefundId)
        : await this.processor.refundCapture(
            begun.failedRefundId
              ? { ...command, requestId: `${command.requestId}:${begun.failedRefundId}` }
              : command,
          );
      if (answer?.status === 'COMPLETED') await this.completed(begun, answer.refundId);
      else if (answer?.status === 'PENDING') await this.pending(refundId, answer.refundId);
      else await this.failed(refundId, 'REFUND_FAILED', answer?.refundId ?? null);
    } catch (error) {
      // Not known, or not asked: the timer asks again under the same request id.
      if (error instanceof ProcessorOutcomeUnknown || error instanceof ProcessorUnavailable) return;
      if (!(error instanceof ProcessorRefused)) throw error;
      await this.failed(refundId, error.issue);
    }
  }

  private completed(begun: Refund, processorRefundId: string): Promise<void> {
    return this.store.transact(async (tx) => {
      const payment = await tx.lockPayment(begun.paymentId);
      const disbursement = await tx.lockDisbursementOf(begun.paymentId);
      const refund = await tx.lockRefund(begun.id);
      if (payment === null || disbursement === null || !refund?.isOpen()) return;
      const now = await tx.now();
      refund.complete(processorRefundId, now);
      const isLast = !(await tx.openRefundsOf(payment.id)).some((other) => other.id !== refund.id);
      const thawed = isLast ? disbursement.setReason('REFUND_PENDING', false, now) : null;
      if (thawed) await tx.recordDisbursement(thawed);
      const { amount, platformFeeShare: platformShare, id: refundId } = refund;
      const by = { refundId };
      await bookReturnedMoney(tx, {
        payment,
        disbursement,
        amount,
        platformShare,
        by,
        isLast,
        now,
      });
      await tx.recordRefund(payment, refund);
    });
  }

  private pending(refundId: string, processorRefundId: string): Promise<void> {
    return this.store.transact(async (tx) => {
      const refund = await tx.lockRefund(refundId);
      if (refund?.isOpen()) refund.pend(processorRefundId, await tx.now());
    });
  }

  private failed(refundId: string, code: string, endedAs: string | null = null): Promise<void> {
    return this.store.transact(async (tx) => {
      const refund = await tx.lockRefund(refundId);
      if (!refund?.isOpen()) return;
      refund.fail(code, await tx.now(), endedAs);
      const payment = await this.store.findPayment(refund.paymentId);
      if (refund.status === 'ESCALATED' && payment) await tx.recordRefundFailed(payment, refund);
    });
  }
}
