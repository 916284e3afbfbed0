import ipaddr from 'ipaddr.js';
import { literalAddress } from './addressRules';
import type { Environment } from './Environment';

/**
 * The proxy a URL is reached through, by `HTTPS_PROXY`, `HTTP_PROXY` and
 * `NO_PROXY`, in capitals or not, or undefined. `NO_PROXY` lists hosts (with
 * their subdomains), `host:port`, addresses, networks (`10.0.0.0/8`), or `*`.
 * This machine itself is never reached through a proxy. Throws an Error that
 * names the variable when it holds no URL, without its value, which may hold a
 * password.
 */
export function proxyFor(
  url: URL,
  { variables }: Environment,
): URL | undefined {
  const name = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const text = read(variables, name);
  const excluded = read(variables, 'no_proxy');
  if (!text || isLocal(url.hostname) || isExcluded(url, excluded)) {
    return undefined;
  }
  const address = text.includes('://') ? text : `http://${text}`;
  if (!URL.canParse(address) || !/^https?:/i.test(address)) {
    throw new Error(`${name.toUpperCase()} must be the URL of an HTTP proxy`);
  }
  return new URL(address);
}

function read(
  variables: Environment['variables'],
  name: string,
): string | undefined {
  return (variables[name] ?? variables[name.toUpperCase()])?.trim();
}

function isLocal(hostname: string): boolean {
  const address = literalAddress(hostname);
  return address
    ? ipaddr.parse(address).range() === 'loopback'
    : /(^|\.)localhost$/.test(hostname);
}

function isExcluded(url: URL, list = ''): boolean {
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean)
    .some(entry => entry === '*' || covers(entry, url));
}

function covers(entry: string, url: URL): boolean {
  const address = literalAddress(url.hostname);
  if (entry.includes('/')) {
    return address !== undefined && isWithin(address, entry);
  }
  const [, name, port] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  const own = url.port || (url.protocol === 'https:' ? '443' : '80');
  if (address ?? literalAddress(entry)) {
    return entry === address || (name === address && port === own);
  }
  const domain = name.replace(/^\*?\.?/, '');
  return (
    (port === undefined || port === own) &&
    (url.hostname === domain || url.hostname.endsWith(`.${domain}`))
  );
}

function isWithin(address: string, network: string): boolean {
  try {
    const range = ipaddr.parseCIDR(network);
    const parsed = ipaddr.parse(address);
    return parsed.kind() === range[0].kind() && parsed.match(range);
  } catch {
    return false;
  }
}
