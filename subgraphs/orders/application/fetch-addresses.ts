import type { AddressBook, PaidAddresses } from './ports.ts';

/** One pass takes this many; what is left is taken by the next. */
const BATCH_MAX = 50;

/**
 * Copies, sealed, the address a buyer confirmed when paying. It is fetched after the order is born
 * and not during: payments being slow must not keep a paid order from existing.
 */
export class FetchAddresses {
  constructor(
    private readonly book: AddressBook,
    private readonly paid: PaidAddresses,
  ) {}

  async execute(): Promise<void> {
    for (const { orderId, paymentId } of await this.book.missing(BATCH_MAX)) {
      await this.book.keep(orderId, await this.paid.ofPayment(paymentId));
    }
  }
}
