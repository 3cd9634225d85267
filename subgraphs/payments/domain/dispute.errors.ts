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

export class ProcessorNotAnswering extends DomainError {
  constructor() {
    super('TEMPORARILY_UNAVAILABLE', 'PayPal is not answering. Repeat the same call later.', {
      retryable: true,
    });
  }
}
