export type FaultKind =
  | 'timeout-before'
  | 'timeout-after'
  | 'http-5xx'
  | 'http-5xx-after'
  | '429'
  | 'reset'
  | 'reset-after'
  | 'delay'
  | 'pending'
  | 'decline'
  | 'duplicate-webhook'
  | 'reorder-webhooks'
  | 'drop-webhook'
  | 'forge-webhook';

export interface Fault {
  /** An operation such as "orders.capture", or "*". */
  readonly operation: string;
  readonly kind: FaultKind;
  /** How often it strikes before it is used up. */
  times: number;
  /** 0 to 1; drawn from the seed. */
  readonly probability: number;
  /** For delay: how long. For decline: the issue code. */
  readonly delayMs: number;
  readonly code: string | null;
}

/** Faults on demand, drawn from a seed so that a run can be repeated. */
export class Faults {
  private readonly planned: Fault[] = [];
  private state: number;

  constructor(seed: number) {
    this.state = mixed(seed);
  }

  add(fault: Fault): void {
    this.planned.push(fault);
  }

  /** From here on the draws are those of this seed. */
  reseed(seed: number): void {
    this.state = mixed(seed);
  }

  clear(): void {
    this.planned.length = 0;
  }

  list(): readonly Fault[] {
    return this.planned;
  }

  /** The fault of one of these kinds that strikes this call, used once; null when none does. */
  strike(operation: string, kinds: readonly FaultKind[]): Fault | null {
    for (const fault of this.planned) {
      const fits =
        fault.times > 0 &&
        (fault.operation === '*' || fault.operation === operation) &&
        kinds.includes(fault.kind);
      if (fits && this.random() < fault.probability) {
        fault.times -= 1;
        return fault;
      }
    }
    return null;
  }

  /** xorshift32: small, and the same everywhere. */
  random(): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x >>> 0;
    return this.state / 4_294_967_296;
  }
}

/** Small seeds are all alike to a shift register; spread over its bits they are not. */
function mixed(seed: number): number {
  const spread = Math.imul(seed ^ (seed >>> 16), 2_654_435_761);
  return (spread ^ (spread >>> 15)) >>> 0 || 1;
}
