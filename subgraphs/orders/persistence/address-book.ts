import { z } from 'zod';
import type { Transactions } from '../../kernel/persistence/transaction.ts';
import type { Sealer } from '../../kernel/sealing.ts';
import type { Address, AddressBook } from '../application/ports.ts';

const addressSchema = z.object({
  name: z.string(),
  line1: z.string(),
  line2: z.string().nullable(),
  city: z.string(),
  state: z.string(),
  postalCode: z.string(),
  country: z.string(),
});

/** Addresses of orders, sealed: a copy of the table shows nothing, and a row's seal opens there alone. */
export class SealedAddressBook implements AddressBook {
  constructor(
    private readonly transactions: Transactions,
    private readonly sealer: Sealer,
  ) {}

  missing(limit: number) {
    return this.transactions.reader().execute<{ orderId: string; paymentId: string }[]>(
      `select id as "orderId", payment_id as "paymentId" from "order"
         where address_state = 'PENDING' order by id limit ?`,
      [limit],
    );
  }

  async keep(orderId: string, address: Address | null): Promise<void> {
    const sealed = address && this.sealer.seal(JSON.stringify(address), placeOf(orderId));
    await this.transactions.run((em) =>
      em.execute(
        `update "order" set address_state = ?, address_sealed = ? where id = ? and address_state = 'PENDING'`,
        [sealed === null ? 'NONE' : 'SEALED', sealed, orderId],
      ),
    );
  }

  async open(orderIds: readonly string[]): Promise<ReadonlyMap<string, Address>> {
    const rows = await this.transactions.reader().execute<{ id: string; sealed: string }[]>(
      `select id, address_sealed as sealed from "order"
       where address_state = 'SEALED' and id = any(array(select jsonb_array_elements_text(?::jsonb)))`,
      [JSON.stringify(orderIds)],
    );
    return new Map(
      rows.map(({ id, sealed }) => {
        const text = this.sealer.open(sealed, placeOf(id));
        return [id, addressSchema.parse(JSON.parse(text))];
      }),
    );
  }
}

function placeOf(orderId: string): string {
  return `order:${orderId}:shippingAddress`;
}
