import type { Transitions } from '../../kernel/state-machine.ts';

export type PaymentAttemptStatus =
  | 'CREATED'
  | 'REQUIRES_ACTION'
  | 'CAPTURING'
  | 'PENDING'
  | 'UNKNOWN'
  | 'CAPTURED'
  | 'DECLINED'
  | 'CANCELED';

/**
 * One try to take a request's money. UNKNOWN is an answer that never came: only a fresh read of the
 * processor leads out of it, never a guess.
 */
export const PAYMENT_ATTEMPT_TRANSITIONS: Transitions<PaymentAttemptStatus> = {
  CREATED: ['REQUIRES_ACTION', 'CAPTURING', 'CANCELED'],
  REQUIRES_ACTION: ['CAPTURING', 'CANCELED'],
  CAPTURING: ['CAPTURED', 'DECLINED', 'PENDING', 'UNKNOWN'],
  PENDING: ['CAPTURED', 'DECLINED'],
  UNKNOWN: ['CAPTURED', 'DECLINED', 'CANCELED', 'PENDING'],
  CAPTURED: [],
  DECLINED: [],
  CANCELED: [],
};

/** While an attempt is in one of these its request can be neither withdrawn nor paid again. */
export const OPEN_ATTEMPT_STATUSES: readonly PaymentAttemptStatus[] = [
  'CREATED',
  'REQUIRES_ACTION',
  'CAPTURING',
  'PENDING',
  'UNKNOWN',
];
