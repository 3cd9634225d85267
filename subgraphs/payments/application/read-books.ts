import type { Money } from '../../kernel/money.ts';
import { type Actor, actsForSeller } from '../../kernel/policy.ts';

/** What a line of a statement is about; by the last part of its reference. */
export type StatementKind =
  | 'CAPTURED'
  | 'PROCESSOR_FEE'
  | 'PLATFORM_FEE'
  | 'PLATFORM_FEE_RETURNED'
  | 'REFUNDED'
  | 'FEE_SHORTFALL'
  | 'PAID_OUT'
  | 'DEBT_SETTLED'
  | 'DISPUTE_LOST'
  | 'DISPUTE_RESTORED'
  | 'CHARGEBACK_FEE'
  | 'OTHER';

/** One movement of a seller's money, with its effect on the two sums a seller has. */
export interface StatementLine {
  readonly id: string;
  readonly at: Date;
  readonly kind: StatementKind;
  /** The payment, refund or dispute it was posted for. */
  readonly subjectId: string;
  readonly amount: Money;
  /** Change of what is held for the seller; negative takes away. */
  readonly heldChange: Money;
  /** Change of what the seller owes; negative is less debt. */
  readonly owedChange: Money;
}

export interface TrialBalanceLine {
  /** Sellers' accounts are one line each: sellers:held, sellers:paid-out, sellers:receivable. */
  readonly account: string;
  readonly debits: Money;
  readonly credits: Money;
}

export interface TrialBalance {
  readonly at: Date;
  readonly lines: readonly TrialBalanceLine[];
  readonly debits: Money;
  readonly credits: Money;
  /** False is an incident: the books do not add up. */
  readonly isBalanced: boolean;
  /** The first entry whose link to the one before is broken; null while the chain is whole. */
  readonly firstBrokenEntry: string | null;
}

/** What keeps a seller's account from being closed. */
export interface SellerObligations {
  /** Captured and neither paid out nor returned. */
  readonly held: Money;
  readonly owed: Money;
  /** Disputes that are not final: an appeal can still take money. */
  readonly openDisputes: number;
  readonly openRefunds: number;
  /** Payments whose outcome is awaited. */
  readonly openAttempts: number;
}

export interface BooksReads {
  obligations(sellerId: string, currency: string): Promise<SellerObligations>;
  /** Newest first, one more than asked for where there is more. */
  statement(
    sellerId: string,
    page: { readonly first: number; readonly after: readonly string[] | null },
  ): Promise<readonly StatementLine[]>;
  trialBalance(currency: string): Promise<TrialBalance>;
}

/** The books, for those who may look: a seller sees its own lines, support sees the whole. */
export class ReadBooks {
  constructor(private readonly reads: BooksReads) {}

  async statement(
    sellerId: string,
    page: { readonly first: number; readonly after: readonly string[] | null },
    actor: Actor,
  ): Promise<readonly StatementLine[]> {
    if (!actsForSeller(actor, sellerId) && actor.kind !== 'support') return [];
    return this.reads.statement(sellerId, page);
  }

  /** For the subgraph that closes accounts alone. */
  async obligations(
    sellerId: string,
    currency: string,
    actor: Actor,
  ): Promise<SellerObligations | null> {
    return actor.kind === 'system' ? this.reads.obligations(sellerId, currency) : null;
  }

  async trialBalance(currency: string, actor: Actor): Promise<TrialBalance | null> {
    return actor.kind === 'support' ? this.reads.trialBalance(currency) : null;
  }
}
