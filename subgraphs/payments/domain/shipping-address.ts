import { checkedText } from '../../kernel/text.ts';
import { AddressInvalid, RegionNotSupported } from './payment-request.errors.ts';

/** Where the goods go. Personal data: sealed at rest, never in an event, shown to few. */
export interface ShippingAddress {
  readonly name: string;
  readonly line1: string;
  readonly line2: string | null;
  readonly city: string;
  readonly state: string;
  readonly postalCode: string;
  readonly country: string;
}

const TEXT_MAX = 120;

export function checkedAddress(address: ShippingAddress): ShippingAddress {
  for (const field of ['name', 'line1', 'city', 'state', 'postalCode'] as const) {
    checkedText(address[field], { path: ['shippingAddress', field], maxCodePoints: TEXT_MAX });
  }
  if (address.line2 !== null) {
    checkedText(address.line2, {
      path: ['shippingAddress', 'line2'],
      maxCodePoints: TEXT_MAX,
      allowEmpty: true,
    });
  }
  if (address.country !== 'US') throw new RegionNotSupported('shipping address');
  if (!/^[A-Z]{2}$/.test(address.state)) {
    throw new AddressInvalid(
      'state',
      'state is the two-letter code of a US state, for example CA.',
    );
  }
  if (!/^\d{5}(-\d{4})?$/.test(address.postalCode)) {
    throw new AddressInvalid('postalCode', 'postalCode is a ZIP code: 94107 or 94107-1234.');
  }
  return address;
}
