import { NotAllowed, NotFound } from '../../kernel/errors.ts';
import { isId } from '../../kernel/ids.ts';
import { type Actor, principalOf } from '../../kernel/policy.ts';
import { DisputeNotOpen } from '../domain/dispute.errors.ts';
import type { Dispute } from '../domain/dispute.ts';
import { maySeeRequest } from '../domain/payment-request.policy.ts';
import { ProcessorNotAnswering } from '../domain/processor.errors.ts';
import type { DisputesStore } from './dispute.ports.ts';
import type { FollowDisputes } from './follow-disputes.ts';
import type { IdempotencyPort } from './ports.ts';
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
    private readonly idempotency: IdempotencyPort,
  ) {}

  /** The same key is the same answer; one that is over is refused by the state it is in. */
  async execute(command: {
    readonly actor: Actor;
    readonly disputeId: string;
    readonly note: string;
    readonly idempotencyKey: string;
  }): Promise<Dispute> {
    const { actor, disputeId, note, idempotencyKey: key } = command;
    const principal = principalOf(actor);
    await this.idempotency.once(
      { principal, operation: 'acceptDispute', key, request: { disputeId, note } },
      async () => {
        const dispute = await this.found(disputeId);
        if (dispute === null || !maySeeRequest(actor, dispute))
          throw new NotFound('dispute', ['disputeId']);
        if (!mayRefund(actor, dispute)) throw new NotAllowed('accept this dispute');
        if (dispute.status !== 'WAITING_SELLER') throw new DisputeNotOpen(dispute.status);
        return { disputeId };
      },
    );
    const dispute = await this.found(disputeId);
    if (dispute === null) throw new NotFound('dispute', ['disputeId']);
    // A repeat of a call whose answer was lost: what it did is seen in the state.
    if (dispute.status === 'WAITING_SELLER') await this.accept(dispute, note);
    return (await this.found(disputeId)) ?? dispute;
  }

  private async accept(dispute: Dispute, note: string): Promise<void> {
    try {
      await this.processor.acceptClaim(dispute.processorDisputeId, note);
    } catch (error) {
      // Nothing happened, or it is not known: giving up twice is giving up once.
      if (error instanceof ProcessorUnavailable || error instanceof ProcessorOutcomeUnknown)
        throw new ProcessorNotAnswering();
      // Refused: it was over, or answered, in the meantime; what it is now is read below.
      if (!(error instanceof ProcessorRefused)) throw error;
    }
    await this.follow.learn(dispute.processorDisputeId);
  }

  private async found(id: string): Promise<Dispute | null> {
    return isId('dispute', id) ? this.store.findDispute(id) : null;
  }
}
