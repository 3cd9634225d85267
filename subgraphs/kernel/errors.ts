/** Extra facts a refusal may carry for the caller. */
export interface RefusalDetails {
  /** Path into the input, e.g. ['lines', '0', 'quantity']. */
  readonly path?: readonly string[];
  /** The state that made the action illegal. */
  readonly currentState?: string;
  /** What may be done instead, in the words of the schema's mutations or states. */
  readonly allowedActions?: readonly string[];
  /** True when the very same call can succeed later without a change. */
  readonly retryable?: boolean;
}

/**
 * A refusal the caller can act on: it becomes a `userErrors` entry at the GraphQL door. Everything
 * that is not a DomainError is a defect and is masked.
 */
export class DomainError extends Error {
  readonly path: readonly string[];
  readonly currentState: string | null;
  readonly allowedActions: readonly string[];
  readonly retryable: boolean;

  constructor(
    readonly code: string,
    message: string,
    details: RefusalDetails = {},
  ) {
    super(message);
    this.name = new.target.name;
    this.path = details.path ?? [];
    this.currentState = details.currentState ?? null;
    this.allowedActions = details.allowedActions ?? [];
    this.retryable = details.retryable ?? false;
  }
}

/** The thing does not exist, or the caller may not know that it does: one answer for both. */
export class NotFound extends DomainError {
  constructor(what: string, path: readonly string[] = []) {
    super('NOT_FOUND', `There is no such ${what}.`, { path });
  }
}

/** The caller may see the thing and still not do this to it. */
export class NotAllowed extends DomainError {
  constructor(action: string) {
    super('NOT_ALLOWED', `You may not ${action}.`);
  }
}

/** The caller must sign in first; never a userError, always a top-level UNAUTHENTICATED. */
export class Unauthenticated extends Error {
  readonly code = 'UNAUTHENTICATED';
  constructor() {
    super('Sign in to use this field.');
    this.name = 'Unauthenticated';
  }
}

/** The same idempotency key was used with another request body, as PayPal and Stripe refuse it. */
export class IdempotencyKeyReused extends DomainError {
  constructor() {
    super(
      'IDEMPOTENCY_KEY_REUSED',
      'This idempotency key was already used with other input. Use a new key for a new request.',
      { path: ['idempotencyKey'] },
    );
  }
}

/** The first call with this key is still running; the caller repeats the same call. */
export class IdempotencyKeyInProgress extends DomainError {
  constructor() {
    super(
      'IN_PROGRESS',
      'The same request is still being worked on. Repeat it with the same key.',
      {
        path: ['idempotencyKey'],
        retryable: true,
      },
    );
  }
}
