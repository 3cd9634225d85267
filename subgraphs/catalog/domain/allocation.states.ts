import type { Transitions } from '../../kernel/state-machine.ts';

export type AllocationState = 'ALLOCATED' | 'SOLD' | 'RELEASED' | 'RESTOCKED' | 'WRITTEN_OFF';

/**
 * The life of each unit that was paid for. An allocation counts how many of its units stand in each
 * state, because an order may be sent, cancelled and returned in parts.
 */
export const ALLOCATION_TRANSITIONS: Transitions<AllocationState> = {
  ALLOCATED: ['SOLD', 'RELEASED'],
  SOLD: ['RESTOCKED', 'WRITTEN_OFF'],
  RELEASED: [],
  RESTOCKED: [],
  WRITTEN_OFF: [],
};
