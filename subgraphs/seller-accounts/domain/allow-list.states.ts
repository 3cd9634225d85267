import type { Transitions } from '../../kernel/state-machine.ts';

export type AllowListState = 'INVITED' | 'ENABLED' | 'PAUSED' | 'REVOKED';

/** An entry of the rollout's list. PAUSED and REVOKED gate what is new; what runs is finished. */
export const ALLOW_LIST_TRANSITIONS: Transitions<AllowListState> = {
  INVITED: ['ENABLED', 'REVOKED'],
  ENABLED: ['PAUSED', 'REVOKED'],
  PAUSED: ['ENABLED', 'REVOKED'],
  REVOKED: [],
};
