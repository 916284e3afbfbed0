import ipaddr from 'ipaddr.js';

// the "WireServer" of Azure's virtual machines lies in a public range
const METADATA = new Set(['168.63.129.16']);

/** The address of a URL's host where it is one, without the brackets of IPv6. */
export function literalAddress(hostname: string): string | undefined {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  return ipaddr.isValid(bare) ? bare : undefined;
}

/**
 * Whether an IP address may be reached by anybody: not loopback, private,
 * link-local, multicast, reserved (IANA special-purpose registries), nor where
 * a cloud keeps its metadata. IPv4 within IPv6 (mapped, NAT64) counts as IPv4.
 */
export function isPublicAddress(address: string): boolean {
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv6' && parsed.range() === 'rfc6052') {
    const [a, b, c, d] = parsed.toByteArray().slice(-4);
    return isPublicAddress(`${a}.${b}.${c}.${d}`);
  }
  return parsed.range() === 'unicast' && !METADATA.has(parsed.toString());
}
