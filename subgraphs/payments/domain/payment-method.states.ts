import type { Transitions } from '../../kernel/state-machine.ts';

export type PaymentMethodStatus = 'SETUP' | 'ACTIVE' | 'EXPIRED' | 'REMOVED';

/** A saved instrument: agreed to, then usable until it runs out or its buyer removes it. */
export const PAYMENT_METHOD_TRANSITIONS: Transitions<PaymentMethodStatus> = {
  SETUP: ['ACTIVE', 'REMOVED'],
  ACTIVE: ['EXPIRED', 'REMOVED'],
  EXPIRED: ['REMOVED'],
  REMOVED: [],
};
