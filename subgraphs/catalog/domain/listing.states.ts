import type { Transitions } from '../../kernel/state-machine.ts';

export type ListingStatus =
  | 'DRAFT'
  | 'IN_REVIEW'
  | 'ACTIVE'
  | 'PAUSED'
  | 'REMOVED_BY_POLICY'
  | 'ARCHIVED';

/**
 * The life of a listing. Buyers see it in ACTIVE only. Being sold out is no state: it follows from
 * stock. An edit that meets a prohibited term sends an ACTIVE or PAUSED listing back to IN_REVIEW.
 */
export const LISTING_TRANSITIONS: Transitions<ListingStatus> = {
  DRAFT: ['IN_REVIEW', 'ARCHIVED'],
  IN_REVIEW: ['ACTIVE', 'REMOVED_BY_POLICY', 'ARCHIVED'],
  ACTIVE: ['PAUSED', 'IN_REVIEW', 'REMOVED_BY_POLICY', 'ARCHIVED'],
  PAUSED: ['ACTIVE', 'IN_REVIEW', 'REMOVED_BY_POLICY', 'ARCHIVED'],
  REMOVED_BY_POLICY: ['IN_REVIEW', 'ARCHIVED'],
  ARCHIVED: [],
};
