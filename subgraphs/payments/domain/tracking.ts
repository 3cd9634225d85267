import { after, MINUTE_MS } from '../../kernel/clock.ts';
import { step } from '../../kernel/state-machine.ts';
import { TRACKING_TRANSITIONS, type TrackingStatus } from './tracking.states.ts';

/** The processor refuses for good after this many tries; the money does not depend on it. */
const ATTEMPTS_MAX = 8;

/** One parcel's tracking number: told to the processor once, whatever happens on the way. */
export class Tracking {
  private constructor(
    readonly shipmentId: string,
    readonly paymentId: string,
    readonly carrier: string,
    readonly trackingNumber: string,
    readonly notedAt: Date,
    readonly status: TrackingStatus,
    readonly attempts: number,
    readonly nextAttemptAt: Date,
    readonly lastRefusal: string | null,
    readonly forwardedAt: Date | null,
  ) {}

  static note(
    of: Pick<Tracking, 'shipmentId' | 'paymentId' | 'carrier' | 'trackingNumber'>,
    now: Date,
  ): Tracking {
    const { shipmentId, paymentId, carrier, trackingNumber } = of;
    return new Tracking(
      shipmentId,
      paymentId,
      carrier,
      trackingNumber,
      now,
      'PENDING',
      0,
      now,
      null,
      null,
    );
  }

  isDueAt(now: Date): boolean {
    return this.status === 'PENDING' && this.nextAttemptAt <= now;
  }

  /** Committed before the processor is asked. A silence is asked again under the same request id. */
  begin(now: Date): void {
    this.become({
      attempts: this.attempts + 1,
      nextAttemptAt: after(now, MINUTE_MS * 2 ** Math.min(this.attempts, ATTEMPTS_MAX)),
    });
  }

  forwarded(now: Date): void {
    this.become({ status: this.next('FORWARDED'), forwardedAt: now });
  }

  refused(issue: string): void {
    this.become({ lastRefusal: issue });
    if (this.attempts >= ATTEMPTS_MAX) this.become({ status: this.next('GIVEN_UP') });
  }

  /** The seller took the mark back: a number the processor does not know yet stays unknown to it. */
  void(): void {
    if (this.status === 'PENDING') this.become({ status: this.next('VOIDED') });
  }

  private next(to: TrackingStatus): TrackingStatus {
    return step('The tracking', TRACKING_TRANSITIONS, this.status, to);
  }

  private become(
    change: Partial<
      Pick<Tracking, 'status' | 'attempts' | 'nextAttemptAt' | 'lastRefusal' | 'forwardedAt'>
    >,
  ): void {
    Object.assign(this, change);
  }
}
