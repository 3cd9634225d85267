import { Money } from '../../kernel/money.ts';
import { RequestLimitExceeded, WeeklyLimitExceeded } from './payment-request.errors.ts';

/** Limits on what a seller may ask for; rows of policy data, by region and tier. */
export interface RequestLimits {
  readonly perRequest: Money;
  /** Sum of requests sent in any rolling window of `windowHours`. */
  readonly perWindow: Money;
  readonly windowHours: number;
}

/** Counts requests sent, paid or not: that is how the limit is published. */
export function checkLimits(limits: RequestLimits, total: Money, sentInWindow: Money): void {
  if (total.exceeds(limits.perRequest)) throw new RequestLimitExceeded(limits.perRequest);
  const left = limits.perWindow.minus(sentInWindow);
  if (total.exceeds(left)) {
    throw new WeeklyLimitExceeded(
      limits.perWindow,
      left.isNegative() ? Money.zero(total.currency) : left,
    );
  }
}
