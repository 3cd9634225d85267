/** What happened at PayPal, as PayPal knows it: only ever added to, and the oracles' one truth about money. */
export type PayPalEntry = {
  readonly captureId: string;
  readonly minor: bigint;
  readonly at: number;
} & (
  | {
      readonly kind: 'CAPTURE';
      readonly feeMinor: bigint;
      readonly platformFeeMinor: bigint;
      readonly attemptId: string;
      readonly askedMinor: bigint;
    }
  | {
      readonly kind: 'REFUND';
      readonly refundId: string;
      readonly requestId: string;
      /** The part that came out of the platform's fee. */
      readonly shareMinor: bigint;
    }
  /** A dispute that the buyer won: taken back from whoever has the money. */
  | { readonly kind: 'REVERSAL'; readonly disputeId: string }
  /** An appeal that the seller won: PayPal's own money, and the buyer keeps theirs. */
  | { readonly kind: 'RESTORED'; readonly disputeId: string }
  | {
      readonly kind: 'PAYOUT';
      readonly payoutId: string;
      readonly cause: 'REQUESTED' | 'AUTOMATIC';
    }
);
