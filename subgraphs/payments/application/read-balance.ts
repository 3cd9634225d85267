import { Money } from '../../kernel/money.ts';
import { type Actor, actsForSeller } from '../../kernel/policy.ts';
import { type Disbursement, REASON_TEXT } from '../domain/disbursement.ts';
import { held, receivable } from '../domain/ledger/account.ts';
import type { SellerMoney } from './money.ports.ts';

export interface HeldMoney {
  readonly paymentId: string;
  readonly requestId: string;
  readonly amount: Money;
  readonly status: string;
  /** Why it waits, and what releases it, in words. */
  readonly reason: string;
  readonly releaseAt: Date | null;
  /** The part of the amount that will settle what the seller owes, if it is released in this order. */
  readonly deductedForDebt: Money;
}

export interface SellerBalance {
  readonly held: Money;
  readonly paidOut: Money;
  readonly owed: Money;
  readonly items: readonly HeldMoney[];
}

const CURRENCY = 'USD';
const ITEMS_MAX = 200;
/** A debt is taken from what is paid next, which may be older than what is shown. */
const COUNTED_MAX = 5_000;

/** How much, why it is held, and the exact date or action that releases it; for the seller alone. */
export class ReadBalance {
  constructor(private readonly store: SellerMoney) {}

  async execute(sellerId: string, actor: Actor): Promise<SellerBalance | null> {
    if (!actsForSeller(actor, sellerId) && actor.kind !== 'support') return null;
    const waiting = await this.store.waitingDisbursementsOf(sellerId, COUNTED_MAX);
    const balances = await this.store.balances([held(sellerId), receivable(sellerId)], CURRENCY);
    const zero = Money.zero(CURRENCY);
    const debt = zero.minus(balances.get(receivable(sellerId)) ?? zero);
    const owed = debt.isNegative() ? zero : debt;
    const deductions = deductionsOf(waiting, owed);
    return {
      held: balances.get(held(sellerId)) ?? zero,
      paidOut: await this.store.paidOutTo(sellerId, CURRENCY),
      owed,
      items: waiting
        .slice(0, ITEMS_MAX)
        .map((one) => heldMoney(one, deductions.get(one.paymentId) ?? zero)),
    };
  }
}

/** Nearest to its release first: what is owed is taken from what is paid first. */
const NEARNESS: Readonly<Partial<Record<Disbursement['status'], number>>> = {
  RELEASING: 0,
  SCHEDULED: 1,
  HELD: 2,
};

function deductionsOf(waiting: readonly Disbursement[], owed: Money): ReadonlyMap<string, Money> {
  const rank = ({ status, releaseAt, capturedAt }: Disbursement) =>
    [NEARNESS[status] ?? 3, (releaseAt ?? capturedAt).getTime()] as const;
  const inOrder = [...waiting].sort((a, b) => {
    const [[nearA, whenA], [nearB, whenB]] = [rank(a), rank(b)];
    return nearA - nearB || whenA - whenB;
  });
  let left = owed;
  const deductions = new Map<string, Money>();
  for (const { paymentId, net } of inOrder) {
    const part = left.exceeds(net) ? net : left;
    deductions.set(paymentId, part);
    left = left.minus(part);
  }
  return deductions;
}

function heldMoney(disbursement: Disbursement, deductedForDebt: Money): HeldMoney {
  const { paymentId, requestId, net: amount, status, releaseAt, reasons } = disbursement;
  return {
    paymentId,
    requestId,
    amount,
    status,
    releaseAt: reasons.length > 0 ? null : releaseAt,
    deductedForDebt,
    reason: deductedForDebt.isPositive()
      ? `${reasonOf(disbursement)} ${deductedForDebt.toString()} of it settles what you owe.`
      : reasonOf(disbursement),
  };
}

function reasonOf({ status, reasons, releaseAt }: Disbursement): string {
  if (reasons.length > 0) return reasons.map((reason) => REASON_TEXT[reason]).join(' ');
  if (status === 'RELEASING') return 'It is being paid now.';
  if (releaseAt !== null) return 'Everything is sent. It is paid at releaseAt.';
  return 'Send the goods and mark them as sent; the payout follows 3 to 5 business days later.';
}
