import type { Transitions } from '../../kernel/state-machine.ts';

export type TrackingStatus = 'PENDING' | 'FORWARDED' | 'VOIDED' | 'GIVEN_UP';

/** A parcel's number on its way to the processor, which settles disputes and holds by it. */
export const TRACKING_TRANSITIONS: Transitions<TrackingStatus> = {
  PENDING: ['FORWARDED', 'VOIDED', 'GIVEN_UP'],
  FORWARDED: [],
  VOIDED: [],
  GIVEN_UP: [],
};
