import type { Actor } from '../../kernel/policy.ts';
import { CONSENT_TEXT, type SellerAccount } from '../domain/seller-account.ts';
import type {
  SellerAccountType,
  SellerRequirementsType,
  SellerType,
} from './seller-account.types.ts';

export function toSeller(account: SellerAccount): SellerType {
  const { id, displayName, handle, region } = account;
  return { id, displayName, handle, region, isSelling: account.canRequestPayments };
}

/** As this actor may see it, at this moment. */
export function toAccount(
  account: SellerAccount,
  { actor, now }: { readonly actor: Actor; readonly now: Date },
): SellerAccountType {
  return {
    id: account.id,
    status: account.status,
    accountType: account.accountType,
    seller: account.merchantId === null ? null : toSeller(account),
    tier: account.tier,
    canRequestPayments: account.canRequestPayments,
    canReceivePayouts: account.canReceivePayouts,
    isIdentityProvided: account.isIdentityProvided,
    requirements: requirementsOf(account, now),
    disabledReason: account.disabledReason,
    disabledText: account.disabledText,
    onboardingUrl: account.onboardingUrl,
    consentText: account.consentText ?? CONSENT_TEXT,
    consentedAt: account.consentedAt,
    // To its owner a review looks like any other wait: nobody learns what set it off.
    isUnderReview: actor.kind === 'support' ? account.isUnderReview : null,
    createdAt: account.createdAt,
  };
}

function requirementsOf(account: SellerAccount, now: Date): SellerRequirementsType {
  const { currentlyDue, dueAt, status, disabledText } = account;
  const isWaiting = status === 'VERIFYING' || status === 'SUBMITTED';
  const isRejected = status === 'REJECTED';
  return {
    currentlyDue,
    // Everybody finishes on the processor's page, unless it knows them already.
    eventuallyDue: status === 'DRAFT' || status === 'SUBMITTED' ? ['GRANT_PERMISSIONS'] : [],
    pastDue: dueAt !== null && dueAt <= now ? currentlyDue : [],
    pendingVerification: isWaiting ? ['identity'] : [],
    currentDeadline: dueAt,
    errors: isRejected ? [{ requirement: 'identity', reason: disabledText ?? '' }] : [],
  };
}
