import type { Transitions } from '../../kernel/state-machine.ts';

export type RefundStatus =
  | 'APPROVED'
  | 'SUBMITTED'
  | 'PENDING'
  | 'COMPLETED'
  | 'FAILED'
  | 'ESCALATED';

/** The life of a refund once it was decided. FAILED is tried again; ESCALATED waits for a person. */
export const REFUND_TRANSITIONS: Transitions<RefundStatus> = {
  APPROVED: ['SUBMITTED'],
  SUBMITTED: ['PENDING', 'COMPLETED', 'FAILED'],
  PENDING: ['COMPLETED', 'FAILED'],
  FAILED: ['SUBMITTED', 'ESCALATED'],
  ESCALATED: ['SUBMITTED'],
  COMPLETED: [],
};
