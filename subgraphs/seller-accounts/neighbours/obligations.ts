import { z } from 'zod';
import type { SubgraphCalls } from '../../kernel/calls.ts';
import { Money } from '../../kernel/money.ts';
import type { Obligations } from '../application/ports.ts';
import { ObligationsUnknown } from '../domain/seller-account.errors.ts';

const money = z
  .object({ amountMinor: z.string(), currency: z.string() })
  .transform((json) => Money.fromJSON(json));
const orders = z.object({ openOrdersOfSeller: z.number() });
const payments = z.object({
  sellerObligations: z.object({
    held: money,
    owed: money,
    openDisputes: z.number(),
    openRefunds: z.number(),
    openAttempts: z.number(),
  }),
});

/** What orders and payments still have open for a seller, asked at the moment it matters. */
export class ObligationsNeighbours implements Obligations {
  constructor(private readonly calls: SubgraphCalls) {}

  async openOf(sellerId: string): Promise<string[]> {
    try {
      const [open, money] = await Promise.all([this.orders(sellerId), this.payments(sellerId)]);
      return [
        ...(open > 0 ? ['ORDERS'] : []),
        ...(money.openDisputes > 0 ? ['DISPUTES'] : []),
        ...(money.openRefunds > 0 ? ['REFUNDS'] : []),
        ...(money.openAttempts > 0 ? ['PAYMENTS_IN_FLIGHT'] : []),
        ...(money.held.isPositive() ? ['HELD_MONEY'] : []),
        ...(money.owed.isPositive() ? ['DEBT'] : []),
      ];
    } catch {
      // No answer is not an answer: an account is never closed on a guess.
      throw new ObligationsUnknown();
    }
  }

  private async orders(sellerId: string): Promise<number> {
    const answer = await this.calls.execute(
      'orders',
      'query OpenOrders($sellerId: ID!) { openOrdersOfSeller(sellerId: $sellerId) }',
      { sellerId },
    );
    return orders.parse(answer).openOrdersOfSeller;
  }

  private async payments(sellerId: string) {
    const answer = await this.calls.execute(
      'payments',
      `query Obligations($sellerId: ID!) {
         sellerObligations(sellerId: $sellerId) {
           held { amountMinor currency } owed { amountMinor currency } openDisputes openRefunds openAttempts
         }
       }`,
      { sellerId },
    );
    return payments.parse(answer).sellerObligations;
  }
}
