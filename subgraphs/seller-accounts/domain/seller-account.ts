import { step } from '../../kernel/state-machine.ts';
import { checkedText } from '../../kernel/text.ts';
import {
  ConsentRequired,
  HandleInvalid,
  ProfessionalAccountRequired,
  RequirementsOpen,
} from './seller-account.errors.ts';
import type { SellerStandingChanged } from './seller-account.events.ts';
import { SELLER_ACCOUNT_TRANSITIONS, type SellerAccountStatus } from './seller-account.states.ts';

export type AccountType = 'BUSINESS' | 'CREATOR';
export type SellerTier = 'NEW' | 'ESTABLISHED';

/** Why selling is off, for programs; `disabledText` says it in words. */
export type DisabledReason =
  | 'APPLICATION_INCOMPLETE'
  | 'PENDING_VERIFICATION'
  | 'ACTION_REQUIRED_BY_PROCESSOR'
  | 'RESTRICTED_BY_PLATFORM'
  | 'SUSPENDED_BY_PLATFORM'
  | 'CONSENT_REVOKED'
  | 'REJECTED'
  | 'CLOSED';

/** What the processor says of the account it keeps for the seller. */
export interface ProcessorStanding {
  readonly merchantId: string;
  readonly paymentsReceivable: boolean;
  readonly primaryEmailConfirmed: boolean;
  /** Partner fee and delayed disbursement were both granted. */
  readonly hasNeededPermissions: boolean;
}

export const CONSENT_TEXT =
  'I agree that Parley shares my address and Social Security number with PayPal, its payment partner. They will not be shown or shared on Parley.';

const DISPLAY_NAME_MAX = 60;

/** The right to sell, from the application to its end. */
export class SellerAccount {
  private constructor(
    readonly id: string,
    readonly userId: string,
    readonly accountType: AccountType,
    readonly displayName: string,
    readonly handle: string,
    readonly region: string,
    readonly trackingId: string,
    readonly createdAt: Date,
    readonly status: SellerAccountStatus,
    readonly tier: SellerTier,
    readonly isIdentityProvided: boolean,
    readonly consentText: string | null,
    readonly consentedAt: Date | null,
    readonly onboardingUrl: string | null,
    readonly merchantId: string | null,
    readonly canRequestPayments: boolean,
    readonly canReceivePayouts: boolean,
    readonly disabledReason: DisabledReason | null,
    readonly disabledText: string | null,
    readonly updatedAt: Date,
  ) {}

  static apply(
    of: {
      readonly id: string;
      readonly userId: string;
      readonly accountType: string;
      readonly displayName: string;
      readonly handle: string;
      readonly region: string;
    },
    now: Date,
  ): SellerAccount {
    if (of.accountType !== 'BUSINESS' && of.accountType !== 'CREATOR')
      throw new ProfessionalAccountRequired();
    if (!/^[a-z0-9](?:[a-z0-9._]{1,28})[a-z0-9]$/.test(of.handle)) throw new HandleInvalid();
    return new SellerAccount(
      of.id,
      of.userId,
      of.accountType,
      checkedText(of.displayName, { path: ['displayName'], maxCodePoints: DISPLAY_NAME_MAX }),
      of.handle,
      of.region,
      of.id,
      now,
      'DRAFT',
      'NEW',
      false,
      null,
      null,
      null,
      null,
      false,
      false,
      'APPLICATION_INCOMPLETE',
      'The application is not complete yet.',
      now,
    );
  }

  /** What must still be given before the application can be submitted. */
  get currentlyDue(): string[] {
    if (this.status !== 'DRAFT' && this.status !== 'REJECTED') return [];
    return this.isIdentityProvided
      ? ['submitSellerApplication']
      : ['provideSellerIdentity', 'submitSellerApplication'];
  }

  provideIdentity(now: Date): void {
    if (this.status !== 'DRAFT' && this.status !== 'REJECTED') this.next('SUBMITTED');
    this.become({ isIdentityProvided: true }, now);
  }

  submit(hasConsented: boolean, now: Date): void {
    const status = this.next('SUBMITTED');
    if (!this.isIdentityProvided) throw new RequirementsOpen(['provideSellerIdentity']);
    if (!hasConsented) throw new ConsentRequired();
    this.become(
      {
        status,
        consentText: CONSENT_TEXT,
        consentedAt: now,
        disabledReason: 'PENDING_VERIFICATION',
        disabledText: 'PayPal is checking the account. This can take a few business days.',
      },
      now,
    );
  }

  /** The processor accepted the referral; the seller may have to finish on its page. */
  beginVerifying(onboardingUrl: string, now: Date): SellerStandingChanged {
    this.become({ status: this.next('VERIFYING'), onboardingUrl }, now);
    return this.changed(now);
  }

  /** Reads the processor's answer into status and flags; null when nothing is different. */
  learnStanding(standing: ProcessorStanding, now: Date): SellerStandingChanged | null {
    const isReady =
      standing.paymentsReceivable &&
      standing.primaryEmailConfirmed &&
      standing.hasNeededPermissions;
    if (this.status === 'VERIFYING' && isReady) {
      this.become(
        {
          status: this.next('ACTIVE'),
          merchantId: standing.merchantId,
          canRequestPayments: true,
          canReceivePayouts: true,
          disabledReason: null,
          disabledText: null,
          onboardingUrl: null,
        },
        now,
      );
      return this.changed(now);
    }
    if (this.status === 'ACTIVE' && !isReady) {
      this.become(
        {
          status: this.next('RESTRICTED'),
          // Two flags: losing the right to ask need not lose the right to be paid.
          canRequestPayments: false,
          canReceivePayouts: standing.paymentsReceivable,
          disabledReason: standing.hasNeededPermissions
            ? 'ACTION_REQUIRED_BY_PROCESSOR'
            : 'CONSENT_REVOKED',
          disabledText:
            'PayPal needs something from you before you can sell again. Open orders can still be sent.',
        },
        now,
      );
      return this.changed(now);
    }
    return null;
  }

  restrict(text: string, now: Date): SellerStandingChanged {
    this.become(
      {
        status: this.next('RESTRICTED'),
        canRequestPayments: false,
        disabledReason: 'RESTRICTED_BY_PLATFORM',
        disabledText: text,
      },
      now,
    );
    return this.changed(now);
  }

  /** No new requests and no payouts; open orders stay fulfillable, refunds stay possible. */
  suspend(text: string, now: Date): SellerStandingChanged {
    this.become(
      {
        status: this.next('SUSPENDED'),
        canRequestPayments: false,
        canReceivePayouts: false,
        disabledReason: 'SUSPENDED_BY_PLATFORM',
        disabledText: text,
      },
      now,
    );
    return this.changed(now);
  }

  reinstate(now: Date): SellerStandingChanged {
    this.become(
      {
        status: this.next('ACTIVE'),
        canRequestPayments: true,
        canReceivePayouts: true,
        disabledReason: null,
        disabledText: null,
      },
      now,
    );
    return this.changed(now);
  }

  /** A proven delivery record is paid sooner. */
  promote(tier: SellerTier, now: Date): SellerStandingChanged {
    this.become({ tier }, now);
    return this.changed(now);
  }

  private changed(now: Date): SellerStandingChanged {
    return { type: 'seller-standing-changed', account: this, occurredAt: now };
  }

  private next(to: SellerAccountStatus): SellerAccountStatus {
    return step('The seller account', SELLER_ACCOUNT_TRANSITIONS, this.status, to);
  }

  private become(
    change: Partial<
      Pick<
        SellerAccount,
        | 'status'
        | 'tier'
        | 'isIdentityProvided'
        | 'consentText'
        | 'consentedAt'
        | 'onboardingUrl'
        | 'merchantId'
        | 'canRequestPayments'
        | 'canReceivePayouts'
        | 'disabledReason'
        | 'disabledText'
      >
    >,
    now: Date,
  ): void {
    Object.assign(this, change, { updatedAt: now });
  }
}
