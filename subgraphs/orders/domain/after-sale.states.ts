import type { Transitions } from '../../kernel/state-machine.ts';

export type CancelRequestStatus = 'REQUESTED' | 'ACCEPTED' | 'DECLINED' | 'LAPSED';

/** A buyer's wish to cancel what was already sent. Unanswered, it lapses. */
export const CANCEL_REQUEST_TRANSITIONS: Transitions<CancelRequestStatus> = {
  REQUESTED: ['ACCEPTED', 'DECLINED', 'LAPSED'],
  ACCEPTED: [],
  DECLINED: [],
  LAPSED: [],
};

export type ReturnStatus =
  | 'REQUESTED'
  | 'APPROVED'
  | 'DECLINED'
  | 'IN_TRANSIT'
  | 'RECEIVED'
  | 'REFUNDED'
  | 'LAPSED';

/** One item going back. Unanswered, it is approved; approved and never sent, it lapses. */
export const RETURN_TRANSITIONS: Transitions<ReturnStatus> = {
  REQUESTED: ['APPROVED', 'DECLINED'],
  APPROVED: ['IN_TRANSIT', 'RECEIVED', 'LAPSED'],
  DECLINED: [],
  IN_TRANSIT: ['RECEIVED'],
  RECEIVED: ['REFUNDED'],
  REFUNDED: [],
  LAPSED: [],
};

export type CaseStatus =
  | 'SELLER_TURN'
  | 'BUYER_TURN'
  | 'ESCALATED'
  | 'DECIDED'
  | 'APPEALED'
  | 'CLOSED';

/** A call for help. A seller who does not answer in time hands it to support. */
export const CASE_TRANSITIONS: Transitions<CaseStatus> = {
  SELLER_TURN: ['BUYER_TURN', 'ESCALATED', 'CLOSED'],
  BUYER_TURN: ['SELLER_TURN', 'ESCALATED', 'CLOSED'],
  ESCALATED: ['DECIDED', 'CLOSED'],
  DECIDED: ['APPEALED', 'CLOSED'],
  APPEALED: ['CLOSED'],
  CLOSED: [],
};
