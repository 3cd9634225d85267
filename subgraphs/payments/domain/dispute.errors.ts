import { DomainError } from '../../kernel/errors.ts';
import type { DisputeStatus } from './dispute.states.ts';

export class DisputeNotOpen extends DomainError {
  constructor(currentState: DisputeStatus) {
    super(
      'DISPUTE_NOT_OPEN',
      'The processor waits for no answer of the seller to this dispute any more.',
      { currentState, allowedActions: [], path: ['disputeId'] },
    );
  }
}
