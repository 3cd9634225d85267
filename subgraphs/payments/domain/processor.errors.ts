import { DomainError } from '../../kernel/errors.ts';

export class ProcessorNotAnswering extends DomainError {
  constructor() {
    super('TEMPORARILY_UNAVAILABLE', 'PayPal is not answering. Repeat the same call later.', {
      retryable: true,
    });
  }
}
