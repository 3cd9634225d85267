/** Something a person, the processor, a carrier or the clock does. Ordinals name what it is done to. */
export type Action =
  | {
      readonly do: 'send';
      readonly request: number;
      readonly goods: Goods;
      readonly replaces: number | null;
    }
  | {
      readonly do: 'pay';
      readonly request: number;
      readonly key: number;
      readonly worker: number;
      readonly buyer: number;
      readonly total: 'RIGHT' | 'WRONG';
    }
  | {
      readonly do: 'checkout';
      readonly request: number;
      readonly key: number;
      readonly worker: number;
      readonly buyer: number;
      readonly quantity: number;
    }
  | { readonly do: 'withdraw' | 'decline' | 'view'; readonly request: number }
  | { readonly do: 'reprice'; readonly cents: number }
  | {
      readonly do: 'markSent';
      readonly request: number;
      readonly key: number;
      readonly units: 'ALL' | 'ONE';
      readonly hoursAgo: number;
    }
  | { readonly do: 'voidShipment' | 'carrier' | 'confirmDelivery'; readonly request: number }
  | {
      readonly do: 'cancel';
      readonly request: number;
      readonly key: number;
      readonly by: 'BUYER' | 'SELLER';
      readonly units: 'ALL' | 'ONE';
    }
  | { readonly do: 'askToCancel'; readonly request: number }
  | { readonly do: 'answerCancel'; readonly request: number; readonly accept: boolean }
  | { readonly do: 'askReturn' | 'approveReturn' | 'sendReturn'; readonly request: number }
  | { readonly do: 'receiveReturn'; readonly request: number; readonly isGood: boolean }
  | { readonly do: 'openCase'; readonly request: number }
  | { readonly do: 'decideCase'; readonly request: number; readonly forBuyer: boolean }
  | {
      readonly do: 'refund';
      readonly request: number;
      readonly key: number;
      readonly part: 'ALL' | 'HALF' | 'CENT';
      readonly worker: number;
    }
  | { readonly do: 'restrict' | 'unrestrict' }
  | { readonly do: 'promote' }
  /** HALF disputes a part of the payment only. */
  | { readonly do: 'dispute'; readonly request: number; readonly part?: 'HALF' }
  /** Whoever lost has it looked at again; it ends by another endDispute. */
  | { readonly do: 'appeal'; readonly request: number }
  | { readonly do: 'endDispute'; readonly request: number; readonly sellerWins: boolean }
  | { readonly do: 'decidePending'; readonly complete: boolean }
  | { readonly do: 'strangerPays'; readonly request: number }
  | { readonly do: 'job'; readonly job: string; readonly worker: number }
  | { readonly do: 'repeatMessages' };

export type Goods = 'CUSTOM' | 'LISTING' | 'TWO_LINES';

/** Actions of one phase begin at once; the clock moves when all of them are over, or when nobody can go on. */
export interface Phase {
  readonly actions: readonly Action[];
  /** Milliseconds the clock jumps while the actions run, after so many steps; null does not. */
  readonly jumpDuring: { readonly afterSteps: number; readonly milliseconds: number } | null;
  readonly thenMove: number;
}

export type NetworkFault =
  | 'TIMEOUT_BEFORE'
  | 'TIMEOUT_AFTER'
  | 'LATE_EFFECT'
  | 'NEVER_SENT'
  | 'SERVER_ERROR'
  | 'SERVER_ERROR_AFTER'
  | 'RATE_LIMITED'
  | 'RESET_AFTER';

export type CaptureFault = 'DECLINED' | 'REFUSED' | 'PENDING' | 'AMOUNT_DIFFERS';

export type WebhookFault = 'LOST' | 'REPEATED' | 'LATE' | 'FORGED';

/** A fault strikes once: at the nth thing of its kind. */
export type Fault =
  | { readonly fault: 'crash'; readonly process: number; readonly atStep: number }
  /** A process stands still and then goes on as if nothing had been: its machine was frozen. */
  | {
      readonly fault: 'freeze';
      readonly process: number;
      readonly atStep: number;
      readonly milliseconds: number;
    }
  /** The same, around the nth exchange with PayPal: where it would do the most harm. */
  | {
      readonly fault: 'standstill';
      readonly nth: number;
      readonly how: 'BEFORE_PAYPAL' | 'AFTER_PAYPAL';
      readonly milliseconds: number;
    }
  | {
      readonly fault: 'commit';
      readonly nth: number;
      readonly how: 'SERIALIZATION' | 'LOST_BEFORE' | 'LOST_AFTER';
    }
  | { readonly fault: 'network'; readonly nth: number; readonly how: NetworkFault }
  | { readonly fault: 'capture'; readonly nth: number; readonly how: CaptureFault }
  | { readonly fault: 'refund'; readonly nth: number; readonly how: 'PENDING' | 'REFUSED' }
  | {
      readonly fault: 'payout';
      readonly nth: number;
      /** SLOW is decided, and SILENT answered, only when PayPal has forgotten the request id. */
      readonly how: 'PENDING' | 'REFUSED' | 'FAILED' | 'SLOW' | 'SILENT';
    }
  | { readonly fault: 'webhook'; readonly nth: number; readonly how: WebhookFault }
  | {
      readonly fault: 'publish';
      readonly nth: number;
      readonly how: 'LOST' | 'UNCONFIRMED' | 'REPEATED' | 'SILENT';
    }
  | {
      readonly fault: 'neighbour';
      readonly nth: number;
      readonly how: 'LOST_BEFORE' | 'LOST_AFTER';
    };

export interface Plan {
  readonly seed: number;
  /** Decides who goes first at every step. */
  readonly order: number;
  readonly stock: number;
  readonly phases: readonly Phase[];
  readonly faults: readonly Fault[];
  /** How disputes end that nobody ended before day 18, or the day that is said here. */
  readonly disputesEndFor: 'SELLER' | 'BUYER';
  readonly disputesEndOn?: number;
  /** Days of the life in which no process of ours runs; a life with it goes on past PayPal's day 28. */
  readonly down?: { readonly from: number; readonly until: number };
}
