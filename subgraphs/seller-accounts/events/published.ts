import type { PublishedEvent } from '../../kernel/events/envelope.ts';
import type { SellerStandingChanged } from '../domain/seller-account.events.ts';

// The wire form; see schema/events/seller-accounts.seller-standing-changed.v1.json.
// `mayStart`: the rollout lets this seller do something new.
export function publishedStanding(
  { account, occurredAt }: SellerStandingChanged,
  mayStart: boolean,
): PublishedEvent {
  return {
    type: 'seller-accounts.seller-standing-changed',
    schemaVersion: 1,
    aggregateId: account.id,
    occurredAt,
    payload: {
      sellerId: account.id,
      status: account.status,
      canRequestPayments: account.canRequestPayments && mayStart,
      canReceivePayouts: account.canReceivePayouts,
      tier: account.tier,
      merchantId: account.merchantId,
      region: account.region,
      reason: account.disabledText ?? (mayStart ? null : 'New sales are paused by the platform.'),
    },
    topics: [`seller-account:${account.id}`],
  };
}
