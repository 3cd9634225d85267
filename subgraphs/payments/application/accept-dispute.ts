import { NotAllowed, NotFound } from '../../kernel/errors.ts';
import { isId } from '../../kernel/ids.ts';
import type { Actor } from '../../kernel/policy.ts';
import { DisputeNotOpen, ProcessorNotAnswering } from '../domain/dispute.errors.ts';
import type { Dispute } from '../domain/dispute.ts';
import { maySeeRequest } from '../domain/payment-request.policy.ts';
import type { DisputesStore } from './dispute.ports.ts';
import type { FollowDisputes } from './follow-disputes.ts';
import {
  type PaymentProcessor,
  ProcessorOutcomeUnknown,
  ProcessorRefused,
  ProcessorUnavailable,
} from './processor.port.ts';
import { mayRefund } from './refund-payment.ts';

/** Lets the buyer win: the processor gives the money back, and the dispute is over. */
export class AcceptDispute {
  constructor(
    private readonly store: DisputesStore,
    private readonly processor: PaymentProcessor,
    private readonly follow: FollowDisputes,
  ) {}

  /** Repeating it is harmless: one that is over is refused by the state it is in. */
  async execute(command: {
    readonly actor: Actor;
    readonly disputeId: string;
    readonly note: string;
  }): Promise<Dispute> {
    const { actor, disputeId, note } = command;
    const dispute = isId('dispute', disputeId) ? await this.store.findDispute(disputeId) : null;
    if (dispute === null || !maySeeRequest(actor, dispute))
      throw new NotFound('dispute', ['disputeId']);
    if (!mayRefund(actor, dispute)) throw new NotAllowed('accept this dispute');
    if (dispute.status !== 'WAITING_SELLER') throw new DisputeNotOpen(dispute.status);
    try {
      await this.processor.acceptClaim(dispute.processorDisputeId, note);
    } catch (error) {
      // Nothing happened, or it is not known: giving up twice is giving up once.
      if (error instanceof ProcessorUnavailable || error instanceof ProcessorOutcomeUnknown)
        throw new ProcessorNotAnswering();
      if (!(error instanceof ProcessorRefused)) throw error;
      await this.follow.learn(dispute.processorDisputeId);
      const now = await this.store.findDispute(disputeId);
      throw new DisputeNotOpen(now?.status ?? dispute.status);
    }
    await this.follow.learn(dispute.processorDisputeId);
    return (await this.store.findDispute(disputeId)) ?? dispute;
  }
}
