import { BlockList, isIP } from 'node:net';

/** Whose word is taken for where a request came from. */
export class TrustedProxies {
  private readonly trusted = new BlockList();
  /** A proxy asks again and again. */
  private last: { readonly address: string; readonly trusts: boolean } | null = null;

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
    let client = peer;
    for (const hop of [forwardedFor].flat().join(',').split(',').reverse()) {
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
