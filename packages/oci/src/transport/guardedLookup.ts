import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { isPublicAddress } from './addressRules';

/** Looks a name up, as `dns.lookup` does with `all: true`. */
export type Resolve = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (
    error: NodeJS.ErrnoException | null,
    addresses: LookupAddress[],
  ) => void,
) => void;

type LookupCallback = (
  error: Error | null,
  address: string | LookupAddress[],
  family?: number,
) => void;

/** A host that the registry led to and that must not be contacted. */
export class ForbiddenAddressError extends Error {
  readonly code = 'ERR_FORBIDDEN_ADDRESS';

  constructor(host: string, address: string) {
    super(
      `it leads to ${host}${
        host.includes(address) ? '' : ` (${address})`
      }, which is not on the public internet; if it may be contacted, list it among the registries as host[:port]`,
    );
    this.name = 'ForbiddenAddressError';
  }
}

/**
 * A `lookup` for sockets that gives public addresses only. As it decides what
 * is connected to, a name that changes its address meanwhile gains nothing.
 */
export function guardedLookup(resolve: Resolve = lookup) {
  return (
    hostname: string,
    options: LookupOptions,
    callback: LookupCallback,
  ): void =>
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const open = error
        ? []
        : addresses.filter(({ address }) => isPublicAddress(address));
      if (error) {
        callback(error, []);
      } else if (!open.length) {
        const address = addresses[0]?.address ?? 'no address';
        callback(new ForbiddenAddressError(hostname, address), []);
      } else if (options.all) {
        callback(null, open);
      } else {
        callback(null, open[0].address, open[0].family);
      }
    });
}
