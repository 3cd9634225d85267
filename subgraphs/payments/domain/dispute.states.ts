import type { Transitions } from '../../kernel/state-machine.ts';

export type DisputeStatus =
  | 'INQUIRY'
  | 'WAITING_SELLER'
  | 'WAITING_BUYER'
  | 'UNDER_REVIEW'
  | 'RESOLVED'
  | 'APPEALED'
  | 'FINAL';

/**
 * A buyer's dispute with the processor. The processor decides: we only follow what it says, and
 * RESOLVED becomes FINAL when the time to appeal is over. A chargeback starts where it is read first.
 */
export const DISPUTE_TRANSITIONS: Transitions<DisputeStatus> = {
  INQUIRY: ['WAITING_SELLER', 'WAITING_BUYER', 'UNDER_REVIEW', 'RESOLVED'],
  WAITING_SELLER: ['WAITING_BUYER', 'UNDER_REVIEW', 'RESOLVED'],
  WAITING_BUYER: ['WAITING_SELLER', 'UNDER_REVIEW', 'RESOLVED'],
  UNDER_REVIEW: ['WAITING_SELLER', 'WAITING_BUYER', 'RESOLVED'],
  RESOLVED: ['APPEALED', 'FINAL'],
  APPEALED: ['FINAL'],
  FINAL: [],
};

/** While a dispute is in one of these, its payment is not paid out. */
export const OPEN_DISPUTE_STATUSES: readonly DisputeStatus[] = [
  'INQUIRY',
  'WAITING_SELLER',
  'WAITING_BUYER',
  'UNDER_REVIEW',
  'APPEALED',
];
