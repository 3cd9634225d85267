/**
 * The chart of accounts. A debit raises what is ours to have (clearing, receivables, fees paid), a
 * credit raises what is owed (a seller's held money). Signs are the reader's: an entry has two sides.
 */
export type LedgerAccount =
  /** Money at the processor for which nobody was paid yet. */
  | 'processor:clearing'
  /** What the processor kept of captures. */
  | 'processor:fees'
  /** What the platform took of captures, less what it gave back with refunds. */
  | 'platform:fees'
  /** Captured for a seller and not yet released. */
  | `seller:${string}:held`
  /** Released to a seller, in sum. */
  | `seller:${string}:paid-out`
  /** What a seller owes: refunds and lost disputes after release, and fees kept on a refund. */
  | `seller:${string}:receivable`
  /** Given back to buyers, in sum. */
  | 'buyers:refunded';

export const held = (sellerId: string): LedgerAccount => `seller:${sellerId}:held`;
export const paidOut = (sellerId: string): LedgerAccount => `seller:${sellerId}:paid-out`;
export const receivable = (sellerId: string): LedgerAccount => `seller:${sellerId}:receivable`;
