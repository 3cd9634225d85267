import { Money } from '../../kernel/money.ts';
import { type Actor, actsForSeller } from '../../kernel/policy.ts';
import { type Disbursement, REASON_TEXT } from '../domain/disbursement.ts';
import { held, receivable } from '../domain/ledger/account.ts';
import type { MoneyStore } from './money.ports.ts';

export interface HeldMoney {
  readonly paymentId: string;
  readonly requestId: string;
  readonly amount: Money;
  readonly status: string;
  /** Why it waits, and what releases it, in words. */
  readonly reason: string;
  readonly releaseAt: Date | null;
}

export interface SellerBalance {
  readonly held: Money;
  readonly paidOut: Money;
  readonly owed: Money;
  readonly items: readonly HeldMoney[];
}

const CURRENCY = 'USD';

/** How much, why it is held, and the exact date or action that releases it; for the seller alone. */
export class ReadBalance {
  constructor(private readonly store: MoneyStore) {}

  async execute(sellerId: string, actor: Actor): Promise<SellerBalance | null> {
    if (!actsForSeller(actor, sellerId) && actor.kind !== 'support') return null;
    const disbursements = await this.store.disbursementsOf(sellerId);
    const balances = await this.store.balances([held(sellerId), receivable(sellerId)], CURRENCY);
    const zero = Money.zero(CURRENCY);
    const owed = zero.minus(balances.get(receivable(sellerId)) ?? zero);
    return {
      held: balances.get(held(sellerId)) ?? zero,
      paidOut: Money.sum(
        disbursements.filter((one) => one.isReleased()).map((one) => one.net),
        CURRENCY,
      ),
      owed,
      items: disbursements
        .filter((one) => !one.isReleased() && one.status !== 'RETURNED')
        .map(heldMoney),
    };
  }
}

function heldMoney(disbursement: Disbursement): HeldMoney {
  const { paymentId, requestId, net: amount, status, releaseAt, reasons } = disbursement;
  return {
    paymentId,
    requestId,
    amount,
    status,
    releaseAt: reasons.length > 0 ? null : releaseAt,
    reason: reasonOf(disbursement),
  };
}

function reasonOf({ status, reasons, releaseAt }: Disbursement): string {
  if (reasons.length > 0) return reasons.map((reason) => REASON_TEXT[reason]).join(' ');
  if (status === 'RELEASING') return 'It is being paid now.';
  if (releaseAt !== null) return 'Everything is sent. It is paid at releaseAt.';
  return 'Send the goods and mark them as sent; the payout follows 3 to 5 business days later.';
}
