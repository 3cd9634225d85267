import { after, DAY_MS } from '../../kernel/clock.ts';
import { derivedId } from '../../kernel/ids.ts';
import type { DisputeStatus } from '../domain/dispute.states.ts';
import { Dispute, type DisputeFacts } from '../domain/dispute.ts';
import { type DisputeLoss, lossOf, type SettledRefund } from '../domain/dispute-loss.ts';
import { postingsOf } from '../domain/ledger/payment.postings.ts';
import type { Payment } from '../domain/payment.ts';
import { Refund } from '../domain/refund.ts';
import { bookReturnedMoney } from './book-returned-money.ts';
import type { DisputesStore, DisputesTransaction } from './dispute.ports.ts';
import type { PaymentProcessor, ProcessorDispute } from './processor.port.ts';
import type { ReleaseDue } from './release-due.ts';

const BATCH_MAX = 100;

/**
 * Follows what the processor decides about disputes. Money that is disputed waits; a dispute that was
 * won lets it go on; one that was lost took it, and after the payout the seller owes it. Webhooks and
 * the timer come through here alike, with a fresh read, and every call may be repeated.
 */
export class FollowDisputes {
  constructor(
    private readonly store: DisputesStore,
    private readonly processor: PaymentProcessor,
    private readonly payouts: Pick<ReleaseDue, 'isPayoutKnown'>,
  ) {}

  /** False when it is no dispute of a payment of ours, or what it says cannot be booked yet. */
  async learn(processorDisputeId: string): Promise<boolean> {
    const dispute = await this.processor.getDispute(processorDisputeId);
    const payment = dispute && (await this.store.findPaymentByCapture(dispute.captureId));
    if (!dispute || !payment) return false;
    const facts = factsOf(dispute);
    const apply = (isPayoutKnown: boolean) =>
      this.store.transact((tx) => this.apply(tx, payment.id, facts, isPayoutKnown));
    if (await apply(false)) return true;
    return (await this.payouts.isPayoutKnown(payment.id)) && (await apply(true));
  }

  /** Reads again what is undecided, for webhooks that were lost, and closes what can no longer change. */
  async runDue(): Promise<void> {
    const now = await this.store.transact((tx) => tx.now());
    const failures: unknown[] = [];
    // One that the processor does not show now must not keep the others unread.
    for (const { processorDisputeId } of await this.store.disputesToRead(now, BATCH_MAX))
      await this.learn(processorDisputeId).catch((error: unknown) => failures.push(error));
    const policy = await this.store.policy();
    const since = after(now, -policy.appealDays * DAY_MS);
    for (const id of await this.store.disputesToClose(since, BATCH_MAX)) await this.close(id);
    if (failures.length > 0)
      throw new AggregateError(failures, `${failures.length} disputes could not be read`);
  }

  private async apply(
    tx: DisputesTransaction,
    paymentId: string,
    facts: DisputeFacts,
    isPayoutKnown: boolean,
  ): Promise<boolean> {
    const payment = await tx.lockPayment(paymentId);
    const disbursement = await tx.lockDisbursementOf(paymentId);
    if (payment === null || disbursement === null) return true;
    const now = await tx.now();
    const isTaken = facts.outcome === 'LOST';
    if (isTaken && !isPayoutKnown && disbursement.mayBePaidByProcessor(now)) return false;
    const id = derivedId('dispute', facts.processorDisputeId);
    const known = await tx.lockDispute(id);
    const dispute = known ?? Dispute.open(id, payment, facts, now);
    if (known === null) tx.addDispute(dispute);
    const wasLost = dispute.outcome === 'LOST';
    const loss =
      facts.outcome === 'LOST' && !wasLost
        ? lossOf(facts.refunded ?? facts.amount, payment, await tx.openRefundsOf(paymentId))
        : null;
    // What is being paid out cannot be booked as taken back, nor beside a refund that may have come
    // first: the timer reads it again after that, and the money stays frozen meanwhile.
    const mustWait =
      facts.outcome === 'LOST' &&
      (disbursement.status === 'RELEASING' || (!wasLost && loss === null));
    const hasLearned = !mustWait && dispute.learn(facts, now);
    if (hasLearned && dispute.outcome === 'LOST' && loss !== null)
      await this.lose(tx, dispute, payment, loss);
    if (hasLearned && dispute.outcome === 'WON' && wasLost && dispute.lost.isPositive())
      await this.restore(tx, dispute);
    const others = (await tx.disputesOf(paymentId)).filter((one) => one.id !== id);
    const isDisputed = [...others, dispute].some((one) => one.isOpen());
    const changed = disbursement.setReason('DISPUTE_OPEN', isDisputed, now);
    if (changed) await tx.recordDisbursement(changed);
    if (hasLearned || known === null) await tx.recordDispute(dispute, payment, isDisputed);
    return true;
  }

  private async lose(
    tx: DisputesTransaction,
    dispute: Dispute,
    payment: Payment,
    { amount, settled }: DisputeLoss,
  ): Promise<void> {
    const disbursement = await tx.lockDisbursementOf(payment.id);
    if (disbursement === null) return;
    const now = await tx.now();
    const isEnded = ({ id }: Refund) => settled.some(({ refund }) => refund.id === id);
    const goingOn = (await tx.openRefundsOf(payment.id)).filter((refund) => !isEnded(refund));
    const cancelled: SettledRefund[] = [];
    for (const { refund, rest } of settled) {
      const locked = await tx.lockRefund(refund.id);
      if (locked === null) continue;
      locked.cancel();
      payment.dropRefund(locked.amount);
      cancelled.push({ refund: locked, rest });
    }
    if (amount.isPositive()) {
      // The processor reverses the payment and not the platform's fee: that stays as it is.
      payment.addRefund(amount);
      dispute.lose(amount);
    }
    const rests = cancelled.filter(({ rest }) => rest.isPositive());
    for (const one of rests) tx.addRefund(restOf(one, payment, now));
    const isLast = goingOn.length === 0 && rests.length === 0;
    const thawed = isLast ? disbursement.setReason('REFUND_PENDING', false, now) : null;
    if (thawed) await tx.recordDisbursement(thawed);
    if (amount.isPositive()) {
      const by = { disputeId: dispute.id };
      const platformShare = amount.minus(amount);
      await bookReturnedMoney(tx, {
        ...{ payment, disbursement, amount, platformShare, by, isLast, now },
      });
    }
    for (const { refund, rest } of cancelled)
      await tx.recordRefundCancelled(payment, refund, rest.isZero());
    const { chargebackFee: fee } = await tx.disputePolicy();
    if (dispute.stage === 'CHARGEBACK' && fee.isPositive()) {
      const { id: disputeId, sellerId } = dispute;
      await tx.post(postingsOf({ type: 'chargeback-fee', disputeId, sellerId, fee }));
    }
  }

  /** The seller won the appeal: the payment stays refunded, and what was taken is the seller's again. */
  private async restore(tx: DisputesTransaction, dispute: Dispute): Promise<void> {
    const { id: disputeId, sellerId, lost: amount } = dispute;
    const owed = await tx.owedBy(sellerId, amount.currency);
    const settled = owed.exceeds(amount) ? amount : owed;
    await tx.post(postingsOf({ type: 'dispute-restored', disputeId, sellerId, amount, settled }));
  }

  private async close(id: string): Promise<void> {
    const paymentId = (await this.store.findDispute(id))?.paymentId;
    if (paymentId === undefined) return;
    await this.store.transact(async (tx) => {
      const payment = await tx.lockPayment(paymentId);
      const dispute = await tx.lockDispute(id);
      if (payment === null || !dispute?.close(await tx.disputePolicy(), await tx.now())) return;
      const isDisputed = (await tx.disputesOf(paymentId)).some((one) => one.isOpen());
      await tx.recordDispute(dispute, payment, isDisputed);
    });
  }
}

const STATUS: Readonly<Record<ProcessorDispute['status'], DisputeStatus>> = {
  OPEN: 'INQUIRY',
  WAITING_FOR_BUYER_RESPONSE: 'WAITING_BUYER',
  WAITING_FOR_SELLER_RESPONSE: 'WAITING_SELLER',
  UNDER_REVIEW: 'UNDER_REVIEW',
  RESOLVED: 'RESOLVED',
  // A word that was added since: nothing is decided, as far as we can tell.
  OTHER: 'UNDER_REVIEW',
};

function factsOf(dispute: ProcessorDispute): DisputeFacts {
  const { disputeId, status, wonBySeller, ...facts } = dispute;
  return {
    ...facts,
    processorDisputeId: disputeId,
    status: STATUS[status],
    outcome: wonBySeller === null ? null : wonBySeller ? 'WON' : 'LOST',
  };
}

/** What a refund was more than the dispute gave back is refunded on its own, for the same reason. */
function restOf({ refund, rest: amount }: SettledRefund, payment: Payment, now: Date): Refund {
  const platformFeeShare = payment.addRefund(amount);
  return Refund.approve(
    derivedId('refund', refund.id, 'rest'),
    { ...refund, amount, platformFeeShare },
    now,
  );
}
