import { BlockList, isIP } from 'node:net';
import { RecentTexts } from '@warden/tokens';

/** Clients of one half of the memory, and characters of the longest `X-Forwarded-For` that is worth keeping. */
const half = 512;
const longest = 256;

/** Whose word is taken for where a request came from. */
export class TrustedProxies {
  private readonly trusted = new BlockList();
  /** A proxy asks again and again, for the same clients: looking an address up costs more than all the rest. */
  private last: { readonly address: string; readonly trusts: boolean } | null = null;
  private readonly clients = new RecentTexts<string>(half, longest);

  /** @param networks addresses and ranges in CIDR notation */
  constructor(networks: readonly string[]) {
    for (const network of networks) {
      const [address = '', prefix] = network.split('/');
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      if (prefix === undefined) this.trusted.addAddress(address, family);
      else this.trusted.addSubnet(address, Number(prefix), family);
    }
  }

  trusts(address: string): boolean {
    if (this.last?.address !== address) this.last = { address, trusts: this.holds(address) };
    return this.last.trusts;
  }

  /**
   * The nearest address that is no proxy of ours.
   * @param forwardedFor `X-Forwarded-For`, the nearest hop last
   */
  clientOf(peer: string, forwardedFor: string | string[] | undefined): string {
    if (forwardedFor === undefined || !this.trusts(peer)) return peer;
    const hops = typeof forwardedFor === 'string' ? forwardedFor : forwardedFor.join(',');
    const known = this.clients.get(hops);
    if (known !== undefined) return known;
    const client = this.nearest(hops);
    if (client !== null) this.clients.keep(hops, client);
    return client ?? peer;
  }

  /** Null: none of them is an address. */
  private nearest(hops: string): string | null {
    let client: string | null = null;
    for (const hop of hops.split(',').reverse()) {
      const address = hop.trim();
      // What is no address was written by nobody who is trusted.
      if (isIP(address) === 0) return client;
      client = address;
      if (!this.holds(address)) return client;
    }
    return client;
  }

  private holds(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.trusted.check(address, family === 6 ? 'ipv6' : 'ipv4');
  }
}
