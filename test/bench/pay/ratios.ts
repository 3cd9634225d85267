import { rounded } from '../support/statistics.ts';

export interface PayFigures {
  readonly paymentsPerSecond: number;
  /** From the buyer's request to the answer. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface CommitFigures {
  /** Those that the buyer waits for, and the one that makes the order. */
  readonly perPayment: number;
  readonly buyerWaitsFor: number;
  /** Events, cards in the chat, the hold that becomes a sale, PayPal's webhook: afterwards. */
  readonly afterwards: number;
  /** The payment's own commits, each by the tables that it changes. */
  readonly steps: readonly string[];
}

export function payRatios(commits: CommitFigures, pay: PayFigures, bare: PayFigures) {
  return {
    'pay path: commits per payment, and payments/s as a share of the bare transaction with the same number of commits':
      [commits.perPayment, rounded(pay.paymentsPerSecond / bare.paymentsPerSecond)],
  };
}
