import { after, MINUTE_MS } from '../../kernel/clock.ts';
import { DomainError } from '../../kernel/errors.ts';
import { step } from '../../kernel/state-machine.ts';
import { PAYMENT_METHOD_TRANSITIONS, type PaymentMethodStatus } from './payment-method.states.ts';

export class ConsentRequired extends DomainError {
  constructor() {
    super(
      'CONSENT_REQUIRED',
      'A payment method is saved only with consent: show consentText and send hasConsented: true.',
      {
        path: ['hasConsented'],
      },
    );
  }
}

export class SetupNotApproved extends DomainError {
  constructor() {
    super(
      'SETUP_NOT_APPROVED',
      'The buyer has not approved this at PayPal yet. Open approvalUrl, then complete the setup.',
      {
        retryable: true,
      },
    );
  }
}

/** What the buyer agrees to when a method is saved; stored with the time, word for word. */
export const CONSENT_TEXT =
  'Save this payment method with Parley for later purchases. Your payment is processed by PayPal. You can remove it at any time.';

/** What the processor tells about an instrument once it is in its vault; the number is never ours. */
export interface VaultedInstrument {
  readonly vaultId: string;
  readonly brand: string;
  readonly lastFour: string;
  /** "2031-04", or null where the instrument does not run out. */
  readonly expiry: string | null;
}

/** Longer keeps what a buyer removed for longer; shorter asks a processor in trouble more often. */
const FORGET_RETRY_MS = MINUTE_MS;

/** An instrument its buyer saved with the processor. Its details exist for that buyer alone. */
export class PaymentMethod {
  private constructor(
    readonly id: string,
    readonly buyerId: string,
    readonly setupToken: string,
    readonly approvalUrl: string,
    readonly consentText: string,
    readonly consentedAt: Date,
    readonly status: PaymentMethodStatus,
    readonly vaultId: string | null,
    readonly brand: string | null,
    readonly lastFour: string | null,
    readonly expiry: string | null,
    readonly activatedAt: Date | null,
    /** When the processor is asked, again, to forget what it keeps of a removed one; null: it has nothing. */
    readonly forgetAt: Date | null,
  ) {}

  static begin(
    id: string,
    buyerId: string,
    setup: { readonly setupToken: string; readonly approvalUrl: string },
    now: Date,
  ): PaymentMethod {
    return new PaymentMethod(
      id,
      buyerId,
      setup.setupToken,
      setup.approvalUrl,
      CONSENT_TEXT,
      now,
      'SETUP',
      null,
      null,
      null,
      null,
      null,
      null,
    );
  }

  activate(instrument: VaultedInstrument, now: Date): void {
    this.become({ status: this.next('ACTIVE'), ...instrument, activatedAt: now });
  }

  /** Unusable from now on. What the processor keeps of it is still to be forgotten there. */
  remove(now: Date): void {
    const forgetAt = this.vaultId === null ? null : now;
    this.become({ status: this.next('REMOVED'), forgetAt });
  }

  /** Saved by the processor while its buyer removed it here: nobody wants it. */
  discard({ vaultId }: VaultedInstrument, now: Date): void {
    this.become({ vaultId, forgetAt: now });
  }

  /** The processor did not answer: it is asked again. */
  forgetLater(now: Date): void {
    this.become({ forgetAt: after(now, FORGET_RETRY_MS) });
  }

  forgotten(): void {
    this.become({ forgetAt: null });
  }

  isUsable(): boolean {
    return this.status === 'ACTIVE' && this.vaultId !== null;
  }

  private next(to: PaymentMethodStatus): PaymentMethodStatus {
    return step('The payment method', PAYMENT_METHOD_TRANSITIONS, this.status, to);
  }

  private become(
    change: Partial<
      Pick<
        PaymentMethod,
        'status' | 'vaultId' | 'brand' | 'lastFour' | 'expiry' | 'activatedAt' | 'forgetAt'
      >
    >,
  ): void {
    Object.assign(this, change);
  }
}
