import type { Sealer } from '../../kernel/sealing.ts';
import type { AddressSealer } from '../application/ports.ts';
import type { ShippingAddress } from '../domain/shipping-address.ts';

/** Addresses at rest: sealed under the attempt they were given for. */
export class SealedAddresses implements AddressSealer {
  constructor(private readonly sealer: Sealer) {}

  seal(address: ShippingAddress, attemptId: string): string {
    return this.sealer.seal(JSON.stringify(address), placeOf(attemptId));
  }

  open(sealed: string, attemptId: string): ShippingAddress {
    return JSON.parse(this.sealer.open(sealed, placeOf(attemptId))) as ShippingAddress;
  }
}

function placeOf(attemptId: string): string {
  return `payment_attempt/${attemptId}/address`;
}
