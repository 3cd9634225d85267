import type { Transitions } from '../../kernel/state-machine.ts';

export type SellerAccountStatus =
  | 'DRAFT'
  | 'SUBMITTED'
  | 'VERIFYING'
  | 'ACTION_REQUIRED'
  | 'ACTIVE'
  | 'RESTRICTED'
  | 'SUSPENDED'
  | 'REJECTED'
  | 'CLOSED';

/** The life of a seller account. Before DRAFT there is no account: NOT_APPLIED is its absence. */
export const SELLER_ACCOUNT_TRANSITIONS: Transitions<SellerAccountStatus> = {
  DRAFT: ['SUBMITTED', 'CLOSED'],
  SUBMITTED: ['VERIFYING', 'REJECTED'],
  VERIFYING: ['ACTIVE', 'ACTION_REQUIRED', 'REJECTED', 'SUSPENDED'],
  ACTION_REQUIRED: ['VERIFYING', 'SUSPENDED'],
  ACTIVE: ['RESTRICTED', 'SUSPENDED', 'CLOSED'],
  RESTRICTED: ['ACTIVE', 'SUSPENDED', 'CLOSED'],
  SUSPENDED: ['ACTIVE', 'CLOSED'],
  REJECTED: ['SUBMITTED', 'CLOSED'],
  CLOSED: [],
};
