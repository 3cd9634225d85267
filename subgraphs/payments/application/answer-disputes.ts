import type { Dispute } from '../domain/dispute.ts';
import { type Evidence, evidenceOf, hasProof } from '../domain/dispute-evidence.ts';
import type { DisputesStore, EvidenceSources } from './dispute.ports.ts';
import type { FollowDisputes } from './follow-disputes.ts';
import { type PaymentProcessor, ProcessorRefused } from './processor.port.ts';

const BATCH_MAX = 50;

/**
 * Answers disputes for their sellers, once: as soon as a parcel speaks for them, else shortly before
 * the due date with what there is. The processor takes evidence a single time, so it is asked first
 * whether it still wants any; a sending in doubt is settled by that same question.
 */
export class AnswerDisputes {
  constructor(
    private readonly store: DisputesStore,
    private readonly processor: PaymentProcessor,
    private readonly sources: EvidenceSources,
    private readonly follow: FollowDisputes,
  ) {}

  /** One that fails must not keep the others waiting past their due date. */
  async runDue(): Promise<void> {
    const now = await this.store.transact((tx) => tx.now());
    const failures: unknown[] = [];
    for (const dispute of await this.store.disputesToAnswer(now, BATCH_MAX))
      await this.answer(dispute).catch((error: unknown) => failures.push(error));
    if (failures.length > 0)
      throw new AggregateError(failures, `${failures.length} disputes could not be answered`);
  }

  private async answer(dispute: Dispute): Promise<void> {
    const { evidence, isDecisive } = await this.gather(dispute);
    const isBegun = await this.store.transact(async (tx) => {
      await tx.lockPayment(dispute.paymentId);
      const locked = await tx.lockDispute(dispute.id);
      const [policy, now] = [await tx.disputePolicy(), await tx.now()];
      if (!locked?.isEvidenceDue(isDecisive, policy, now)) return false;
      locked.beginEvidence(now);
      return true;
    });
    if (!isBegun) return;
    const asItIs = await this.processor.getDispute(dispute.processorDisputeId);
    if (asItIs?.canProvideEvidence) {
      try {
        await this.processor.provideEvidence(dispute.processorDisputeId, evidence);
      } catch (error) {
        // Refused: the time for it ended meanwhile, and what the processor says now is read below.
        if (!(error instanceof ProcessorRefused)) throw error;
        await this.follow.learn(dispute.processorDisputeId);
        return;
      }
    }
    // Given now, or by an earlier try whose answer was lost: either way the processor wants no more.
    if (asItIs !== null) await this.provided(dispute);
    await this.follow.learn(dispute.processorDisputeId);
  }

  private async gather(
    dispute: Dispute,
  ): Promise<{ readonly evidence: Evidence; readonly isDecisive: boolean }> {
    const payment = await this.store.findPayment(dispute.paymentId);
    const request = payment && (await this.store.findRequest(payment.requestId));
    if (!payment || !request) throw new Error(`dispute ${dispute.id} has no payment`);
    const shipments =
      payment.orderId === null ? [] : await this.sources.shipmentsOf(payment.orderId);
    const messages =
      request.conversationId === null
        ? []
        : await this.sources.messagesOf(request.conversationId, dispute.openedAt);
    return {
      evidence: evidenceOf(request, shipments, messages),
      isDecisive: hasProof(shipments),
    };
  }

  private provided(dispute: Dispute): Promise<void> {
    return this.store.transact(async (tx) => {
      const payment = await tx.lockPayment(dispute.paymentId);
      const locked = await tx.lockDispute(dispute.id);
      if (payment === null || !locked || locked.evidenceProvidedAt !== null) return;
      locked.evidenceProvided(await tx.now());
      const isDisputed = (await tx.disputesOf(payment.id)).some((one) => one.isOpen());
      await tx.recordDispute(locked, payment, isDisputed);
    });
  }
}
