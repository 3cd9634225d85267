import { step } from '../../kernel/state-machine.ts';
import { CANCEL_REQUEST_TRANSITIONS, type CancelRequestStatus } from './after-sale.states.ts';

/** A buyer's wish to cancel what was already sent; the seller may agree. */
export class CancelRequest {
  private constructor(
    readonly id: string,
    readonly orderId: string,
    readonly status: CancelRequestStatus,
    readonly reason: string,
    readonly note: string | null,
    readonly requestedAt: Date,
    readonly answerBy: Date,
    readonly answeredAt: Date | null,
  ) {}

  static of(
    facts: Pick<CancelRequest, 'id' | 'orderId' | 'reason' | 'note' | 'requestedAt' | 'answerBy'>,
  ): CancelRequest {
    const { id, orderId, reason, note, requestedAt, answerBy } = facts;
    return new CancelRequest(id, orderId, 'REQUESTED', reason, note, requestedAt, answerBy, null);
  }

  end(to: 'ACCEPTED' | 'DECLINED' | 'LAPSED', now: Date): void {
    const status = step(`Request ${this.id}`, CANCEL_REQUEST_TRANSITIONS, this.status, to);
    this.become({ status, answeredAt: now });
  }

  private become(change: Partial<Pick<CancelRequest, 'status' | 'answeredAt'>>): void {
    Object.assign(this, change);
  }
}
