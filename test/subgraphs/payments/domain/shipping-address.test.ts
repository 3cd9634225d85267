import { describe, expect, it } from '@jest/globals';
import { checkedAddress } from '../../../../subgraphs/payments/domain/shipping-address.ts';

const address = {
  name: 'प्रिया',
  line1: '1 Way',
  line2: null,
  city: 'Oakland',
  state: 'CA',
  postalCode: '94607',
  country: 'US',
};

describe('a shipping address', () => {
  it.each([
    {},
    { line2: '' },
    { postalCode: '94607-1234' },
    { name: 'x'.repeat(120) },
    { name: '🧵'.repeat(120) },
  ])('with %j is taken as it is', (change) => {
    expect(checkedAddress({ ...address, ...change })).toEqual({ ...address, ...change });
  });

  it.each([
    { change: { country: 'CA' }, code: 'REGION_NOT_SUPPORTED', field: 'country' },
    { change: { country: 'us' }, code: 'REGION_NOT_SUPPORTED', field: 'country' },
    { change: { state: 'California' }, code: 'ADDRESS_INVALID', field: 'state' },
    { change: { state: 'ca' }, code: 'ADDRESS_INVALID', field: 'state' },
    { change: { postalCode: '9460' }, code: 'ADDRESS_INVALID', field: 'postalCode' },
    { change: { postalCode: '94607\n' }, code: 'ADDRESS_INVALID', field: 'postalCode' },
    { change: { postalCode: '٩٤٦٠٧' }, code: 'ADDRESS_INVALID', field: 'postalCode' },
    { change: { name: ' ' }, code: 'TEXT_EMPTY', field: 'name' },
    { change: { line1: 'x'.repeat(121) }, code: 'TEXT_TOO_LONG', field: 'line1' },
    { change: { line2: 'x'.repeat(121) }, code: 'TEXT_TOO_LONG', field: 'line2' },
    { change: { city: 'a\u0000b' }, code: 'TEXT_NOT_STORABLE', field: 'city' },
  ])('with $change is refused with $code', ({ change, code, field }) => {
    expect(() => checkedAddress({ ...address, ...change })).toThrow(
      expect.objectContaining({ code, path: ['shippingAddress', field] }),
    );
  });
});
