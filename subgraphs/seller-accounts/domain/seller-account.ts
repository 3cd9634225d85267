import { after, DAY_MS } from '../../kernel/clock.ts';
import { IllegalTransition, step } from '../../kernel/state-machine.ts';
import { checkedText } from '../../kernel/text.ts';
import {
  isHalfDone,
  missingIn,
  type ProcessorRequirement,
  type ProcessorStanding,
} from './processor-standing.ts';
import {
  AppealWindowOver,
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

export const CONSENT_TEXT =
  'I agree that Parley shares my address and Social Security number with PayPal, its payment partner. They will not be shown or shared on Parley.';

const DISPLAY_NAME_MAX = 60;
/** Longer leaves accounts half open for months; shorter is unfair to somebody who is travelling. */
const PROCESSOR_DUE_DAYS = 14;
/** Later, a turned-down application stays turned down: the facts it was decided by are gone. */
const APPEAL_DAYS = 10;

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
    /** What the seller must still do on the processor's page. */
    readonly processorDue: readonly ProcessorRequirement[],
    /** Until when; later the requirements count as past due. Null while there are none. */
    readonly dueAt: Date | null,
    /** When support turned the application down; an appeal is open for ten days. */
    readonly decidedAt: Date | null,
    /** True while a person at support looks first; its owner sees only that it takes its time. */
    readonly isUnderReview: boolean,
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
      [],
      null,
      null,
      false,
    );
  }

  /** What must still be given before the application can be submitted. */
  get currentlyDue(): readonly string[] {
    if (this.status !== 'DRAFT' && this.status !== 'REJECTED') return this.processorDue;
    return this.isIdentityProvided
      ? ['submitSellerApplication']
      : ['provideSellerIdentity', 'submitSellerApplication'];
  }

  provideIdentity(now: Date): void {
    if (this.status !== 'DRAFT' && this.status !== 'REJECTED') this.next('SUBMITTED');
    this.become({ isIdentityProvided: true }, now);
  }

  /** `isKnownPerson`: another account has the same identity, so a person looks first. */
  submit(hasConsented: boolean, isKnownPerson: boolean, now: Date): void {
    const status = this.next('SUBMITTED');
    if (this.decidedAt !== null && now > after(this.decidedAt, APPEAL_DAYS * DAY_MS))
      throw new AppealWindowOver(APPEAL_DAYS);
    if (!this.isIdentityProvided) throw new RequirementsOpen(['provideSellerIdentity']);
    if (!hasConsented) throw new ConsentRequired();
    this.become(
      {
        status,
        consentText: CONSENT_TEXT,
        consentedAt: now,
        isUnderReview: isKnownPerson,
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
    const missing = missingIn(standing);
    switch (this.status) {
      case 'VERIFYING':
        if (missing.length === 0) return this.activate(standing.merchantId, now);
        return isHalfDone(standing) ? this.askFor(missing, now) : null;
      case 'ACTION_REQUIRED':
        if (missing.length === 0) {
          this.become({ status: this.next('VERIFYING') }, now);
          return this.activate(standing.merchantId, now);
        }
        return this.askFor(missing, now);
      case 'ACTIVE':
        return missing.length === 0 ? null : this.lose(standing, missing, now);
      case 'RESTRICTED':
      case 'SUSPENDED':
        return this.regain(standing, missing, now);
      default:
        return null;
    }
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

  /** Support lifts its own decision. What the processor still wants must be done first. */
  reinstate(now: Date): SellerStandingChanged {
    if (this.status !== 'RESTRICTED' && this.status !== 'SUSPENDED') this.refuse('ACTIVE');
    const status = this.next('ACTIVE');
    if (this.merchantId === null) throw new RequirementsOpen(['the account at PayPal']);
    if (this.processorDue.length > 0) throw new RequirementsOpen(this.processorDue);
    this.become({ ...SELLING, status }, now);
    return this.changed(now);
  }

  /** Turns an application down. It may be corrected and handed in again for ten days. */
  reject(text: string, now: Date): SellerStandingChanged {
    this.become(
      {
        status: this.next('REJECTED'),
        isUnderReview: false,
        onboardingUrl: null,
        decidedAt: now,
        disabledReason: 'REJECTED',
        disabledText: text,
      },
      now,
    );
    return this.changed(now);
  }

  /** For good. What was taken in the same moment is still paid out; nothing new can be. */
  close(now: Date): SellerStandingChanged {
    this.become(
      {
        status: this.next('CLOSED'),
        canRequestPayments: false,
        isUnderReview: false,
        onboardingUrl: null,
        processorDue: [],
        dueAt: null,
        disabledReason: 'CLOSED',
        disabledText: 'The account is closed.',
      },
      now,
    );
    return this.changed(now);
  }

  /** Refuses to close what the table does not let be closed. */
  requireClosable(): void {
    this.next('CLOSED');
  }

  /** A person has looked: the application goes on. */
  clearReview(now: Date): void {
    if (!this.isUnderReview) this.refuse('VERIFYING');
    this.become({ isUnderReview: false }, now);
  }

  /** A proven delivery record is paid sooner. */
  promote(tier: SellerTier, now: Date): SellerStandingChanged {
    this.become({ tier }, now);
    return this.changed(now);
  }

  private activate(merchantId: string, now: Date): SellerStandingChanged {
    const status = this.next('ACTIVE');
    this.become({ ...SELLING, status, merchantId, onboardingUrl: null }, now);
    return this.changed(now);
  }

  private askFor(
    missing: readonly ProcessorRequirement[],
    now: Date,
  ): SellerStandingChanged | null {
    if (this.status === 'ACTION_REQUIRED' && sameItems(missing, this.processorDue)) return null;
    const status = this.status === 'VERIFYING' ? this.next('ACTION_REQUIRED') : this.status;
    this.become(
      {
        status,
        processorDue: missing,
        dueAt: this.dueAt ?? after(now, PROCESSOR_DUE_DAYS * DAY_MS),
        disabledReason: 'ACTION_REQUIRED_BY_PROCESSOR',
        disabledText: 'PayPal needs something more from you; see requirements.',
      },
      now,
    );
    return this.changed(now);
  }

  // Without its consent the platform may not act for the seller at all; anything else only stops
  // new requests. Losing the right to ask need not lose the right to be paid.
  private lose(
    standing: ProcessorStanding,
    missing: readonly ProcessorRequirement[],
    now: Date,
  ): SellerStandingChanged {
    const due = { processorDue: missing, dueAt: after(now, PROCESSOR_DUE_DAYS * DAY_MS) };
    if (!standing.hasNeededPermissions) {
      this.become(
        {
          ...due,
          status: this.next('SUSPENDED'),
          canRequestPayments: false,
          canReceivePayouts: false,
          disabledReason: 'CONSENT_REVOKED',
          disabledText:
            'You took back what Parley may do for you at PayPal. Grant it again to sell. Open orders can still be sent.',
        },
        now,
      );
      return this.changed(now);
    }
    this.become(
      {
        ...due,
        status: this.next('RESTRICTED'),
        canRequestPayments: false,
        canReceivePayouts: standing.paymentsReceivable,
        disabledReason: 'ACTION_REQUIRED_BY_PROCESSOR',
        disabledText:
          'PayPal needs something from you before you can sell again. Open orders can still be sent.',
      },
      now,
    );
    return this.changed(now);
  }

  // What the processor took, the processor can give back; what support decided, it cannot.
  private regain(
    standing: ProcessorStanding,
    missing: readonly ProcessorRequirement[],
    now: Date,
  ): SellerStandingChanged | null {
    const isOurs = !PROCESSOR_REASONS.has(this.disabledReason);
    if (isOurs || missing.length > 0) {
      if (!sameItems(missing, this.processorDue)) this.become({ processorDue: missing }, now);
      return null;
    }
    this.become({ ...SELLING, status: this.next('ACTIVE'), merchantId: standing.merchantId }, now);
    return this.changed(now);
  }

  private changed(now: Date): SellerStandingChanged {
    return { type: 'seller-standing-changed', account: this, occurredAt: now };
  }

  // The step exists in the table for somebody else's action, not for this one.
  private refuse(to: SellerAccountStatus): never {
    const allowed = SELLER_ACCOUNT_TRANSITIONS[this.status].filter((status) => status !== to);
    throw new IllegalTransition('The seller account', this.status, to, allowed);
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
        | 'processorDue'
        | 'dueAt'
        | 'decidedAt'
        | 'isUnderReview'
      >
    >,
    now: Date,
  ): void {
    Object.assign(this, change, { updatedAt: now });
  }
}

const SELLING = {
  canRequestPayments: true,
  canReceivePayouts: true,
  disabledReason: null,
  disabledText: null,
  processorDue: [],
  dueAt: null,
} as const;

const PROCESSOR_REASONS: ReadonlySet<DisabledReason | null> = new Set([
  'ACTION_REQUIRED_BY_PROCESSOR',
  'CONSENT_REVOKED',
]);

function sameItems(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((item, index) => item === right[index]);
}
