import { CONSENT_TEXT, type SellerAccount } from '../domain/seller-account.ts';
import type { SellerAccountType, SellerType } from './seller-account.types.ts';

export function toSeller(account: SellerAccount): SellerType {
  const { id, displayName, handle, region } = account;
  return { id, displayName, handle, region, isSelling: account.canRequestPayments };
}

export function toAccount(account: SellerAccount): SellerAccountType {
  return {
    id: account.id,
    status: account.status,
    accountType: account.accountType,
    seller: account.merchantId === null ? null : toSeller(account),
    tier: account.tier,
    canRequestPayments: account.canRequestPayments,
    canReceivePayouts: account.canReceivePayouts,
    isIdentityProvided: account.isIdentityProvided,
    requirements: {
      currentlyDue: account.currentlyDue,
      pendingVerification:
        account.status === 'VERIFYING' || account.status === 'SUBMITTED' ? ['identity'] : [],
    },
    disabledReason: account.disabledReason,
    disabledText: account.disabledText,
    onboardingUrl: account.onboardingUrl,
    consentText: account.consentText ?? CONSENT_TEXT,
    consentedAt: account.consentedAt,
    createdAt: account.createdAt,
  };
}
