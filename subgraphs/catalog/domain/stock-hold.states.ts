import type { Transitions } from '../../kernel/state-machine.ts';

export type StockHoldStatus = 'HELD' | 'CONVERTED' | 'RELEASED' | 'EXPIRED';

/** A hold keeps units for one buyer while they pay. It ends once, in one of three ways. */
export const STOCK_HOLD_TRANSITIONS: Transitions<StockHoldStatus> = {
  HELD: ['CONVERTED', 'RELEASED', 'EXPIRED'],
  CONVERTED: [],
  RELEASED: [],
  EXPIRED: [],
};
