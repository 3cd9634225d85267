import { BlockList, isIP, isIPv4 } from 'node:net';
import type { RequestContext } from './types.ts';

const FORWARDED_FOR = 'x-forwarded-for';
/** IPv4 in the clothes of IPv6, as sockets that take both report it. */
const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
/** Some proxies write the caller's port behind its address. */
const WITH_PORT = /^(?:(\d+\.\d+\.\d+\.\d+):\d+|\[(.+)\](?::\d+)?)$/;
/** What one household or server gets; single addresses in it are free to choose. */
const IPV6_GROUPS_KEPT = 4;
const IPV6_GROUPS = 8;

/** The proxies whose word about the caller's address is taken. Anybody else could name any address. */
export class TrustedProxies {
  private readonly networks = new BlockList();

  /** Addresses, or networks as `10.0.0.0/8`. Throws an Error that names the entry that is neither. */
  constructor(entries: readonly string[]) {
    for (const entry of entries) this.add(entry);
  }

  /**
   * The address nearest to us that is no trusted proxy's: what stands to the left of it in
   * X-Forwarded-For was written by the caller. Empty where the connection is gone already.
   */
  clientOf({ peerAddress = '', headers }: Pick<RequestContext, 'peerAddress' | 'headers'>): string {
    let address = plain(peerAddress);
    const hops = headers[FORWARDED_FOR]?.split(',') ?? [];
    while (hops.length > 0 && this.trusts(address)) {
      const hop = plain(hops.pop()!.trim());
      if (isIP(hop) === 0) break;
      address = hop;
    }
    return address;
  }

  private trusts(address: string): boolean {
    return isIP(address) !== 0 && this.networks.check(address, familyOf(address));
  }

  private add(entry: string): void {
    const [address = '', bits] = entry.split('/');
    const longest = isIPv4(address) ? 32 : 128;
    const prefix = bits === undefined ? longest : Number(bits);
    if (isIP(address) === 0 || !/^\d+$/.test(bits ?? '0') || prefix > longest) {
      throw new Error(`${JSON.stringify(entry)} is neither an address nor a network`);
    }
    this.networks.addSubnet(address, prefix, familyOf(address));
  }
}

/** What shares one budget: an IPv4 address, or the /64 network of an IPv6 address. */
export function addressGroup(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail = ''] = address.toLowerCase().split('%')[0]!.split('::');
  const before = groupsOf(head);
  const after = address.includes('::') ? groupsOf(tail) : [];
  const zeros = Array(Math.max(0, IPV6_GROUPS - before.length - after.length)).fill('0');
  const groups = [...before, ...zeros, ...after].slice(0, IPV6_GROUPS_KEPT);
  return `${groups.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`;
}

/** The dotted end that some IPv6 addresses have stands for two groups. */
function groupsOf(text: string): string[] {
  return text === ''
    ? []
    : text.split(':').flatMap((group) => (group.includes('.') ? [group, group] : [group]));
}

function plain(address: string): string {
  const [, ipv4, ipv6] = WITH_PORT.exec(address) ?? [];
  const bare = ipv4 ?? ipv6 ?? address;
  return MAPPED_IPV4.exec(bare)?.[1] ?? bare;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}
