import type { Transitions } from '../../kernel/state-machine.ts';

export type RefundStatus =
  | 'APPROVED'
  | 'SUBMITTED'
  | 'PENDING'
  | 'COMPLETED'
  | 'FAILED'
  | 'ESCALATED'
  | 'CANCELLED';

/**
 * The life of a refund once it was decided. FAILED is tried again; ESCALATED waits for a person;
 * CANCELLED is one whose money a lost dispute gave back instead. It is reached only from states in
 * which nothing happened for certain.
 */
export const REFUND_TRANSITIONS: Transitions<RefundStatus> = {
  APPROVED: ['SUBMITTED', 'CANCELLED'],
  SUBMITTED: ['PENDING', 'COMPLETED', 'FAILED'],
  PENDING: ['COMPLETED', 'FAILED'],
  FAILED: ['SUBMITTED', 'ESCALATED', 'CANCELLED'],
  ESCALATED: ['SUBMITTED', 'CANCELLED'],
  COMPLETED: [],
  CANCELLED: [],
};
