import { describe, expect, it } from '@jest/globals';
import { addressGroup, TrustedProxies } from '../../gateway/client-address.ts';

const proxies = new TrustedProxies(['10.0.0.0/8', '::1', '2001:db8:1::/48']);

function clientOf(peerAddress: string | undefined, forwarded?: string): string {
  return proxies.clientOf({ peerAddress, headers: { 'x-forwarded-for': forwarded } });
}

describe("a caller's address", () => {
  it.each<[string, string | undefined, string | undefined, string]>([
    ["is the connection's", '203.0.113.5', undefined, '203.0.113.5'],
    ["is the connection's where a stranger names another", '203.0.113.5', '1.1.1.1', '203.0.113.5'],
    ['is what a trusted proxy names', '10.1.2.3', '203.0.113.5', '203.0.113.5'],
    ['is not what the caller wrote before it', '10.1.2.3', '1.1.1.1, 203.0.113.5', '203.0.113.5'],
    ['is beyond all trusted proxies', '::1', '203.0.113.5, 2001:db8:1::7,10.9.9.9', '203.0.113.5'],
    ['is the last proxy where nobody else is named', '10.1.2.3', '10.2.2.2', '10.2.2.2'],
    ['stops at what is no address', '10.1.2.3', '203.0.113.5, unknown', '10.1.2.3'],
    ['is told from IPv4 in IPv6', '::ffff:10.1.2.3', '::ffff:203.0.113.5', '203.0.113.5'],
    ['leaves its port behind', '10.1.2.3', '203.0.113.5:4711', '203.0.113.5'],
    ['leaves its port and brackets behind', '10.1.2.3', '[2001:db8::5]:4711', '2001:db8::5'],
    ['is empty when the connection is gone', undefined, '203.0.113.5', ''],
  ])('%s', (_case, peer, forwarded, expected) => {
    expect(clientOf(peer, forwarded)).toBe(expected);
  });

  it.each(['proxy', '10.0.0.0/33', '10.0.0/8', '::/129', '10.0.0.0/', ''])(
    'cannot be had from the proxy "%s"',
    (entry) => {
      expect(() => new TrustedProxies([entry])).toThrow(JSON.stringify(entry));
    },
  );
});

describe('what shares a budget', () => {
  it.each([
    ['203.0.113.5', '203.0.113.5'],
    ['2001:db8:0:7:1:2:3:4', '2001:db8:0:7::/64'],
    ['2001:DB8:0:7::9', '2001:db8:0:7::/64'],
    ['2001:0db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.33', '64:ff9b:0:0::/64'],
    ['', ''],
  ])('%s belongs to %s', (address, group) => {
    expect(addressGroup(address)).toBe(group);
  });
});
