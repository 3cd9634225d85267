import type { Transitions } from '../../kernel/state-machine.ts';

export type DisbursementStatus =
  | 'HELD'
  | 'SCHEDULED'
  | 'FROZEN'
  | 'RELEASING'
  | 'FAILED'
  | 'RELEASED'
  | 'RETURNED'
  | 'AUTO_DISBURSED';

/**
 * The seller's money of one capture. Marking goods as sent schedules it and moves nothing; a reason
 * to wait freezes it. RELEASED and RETURNED exclude one another, decided under its row lock.
 */
export const DISBURSEMENT_TRANSITIONS: Transitions<DisbursementStatus> = {
  HELD: ['SCHEDULED', 'FROZEN', 'RETURNED', 'AUTO_DISBURSED'],
  SCHEDULED: ['RELEASING', 'HELD', 'FROZEN', 'RETURNED', 'AUTO_DISBURSED'],
  FROZEN: ['HELD', 'SCHEDULED', 'RETURNED', 'AUTO_DISBURSED'],
  RELEASING: ['RELEASED', 'FAILED', 'AUTO_DISBURSED'],
  FAILED: ['SCHEDULED', 'HELD', 'FROZEN', 'AUTO_DISBURSED'],
  RELEASED: [],
  RETURNED: [],
  AUTO_DISBURSED: [],
};
