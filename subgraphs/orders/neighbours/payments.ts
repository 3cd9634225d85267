import { z } from 'zod';
import type { SubgraphCalls } from '../../kernel/calls.ts';
import type { Address, PaidAddresses } from '../application/ports.ts';

const answer = z.object({
  capturedShippingAddress: z
    .object({
      name: z.string(),
      line1: z.string(),
      line2: z.string().nullable(),
      city: z.string(),
      state: z.string(),
      postalCode: z.string(),
      country: z.string(),
    })
    .nullable(),
});

export class Payments implements PaidAddresses {
  constructor(private readonly calls: SubgraphCalls) {}

  async ofPayment(paymentId: string): Promise<Address | null> {
    const data = await this.calls.execute(
      'payments',
      `query AddressOfOrder($paymentId: ID!) {
         capturedShippingAddress(paymentId: $paymentId) { name line1 line2 city state postalCode country }
       }`,
      { paymentId },
    );
    return answer.parse(data).capturedShippingAddress;
  }
}
