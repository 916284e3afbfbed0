import { lookup } from 'node:dns/promises';
import { getCACertificates } from 'node:tls';
import { Agent, Pool, ProxyAgent, type Dispatcher } from 'undici';
import { isPublicAddress, literalAddress } from './addressRules';
import type { Environment } from './Environment';
import { ForbiddenAddressError, guardedLookup } from './guardedLookup';
import { proxyFor } from './proxyFor';

/** PEM texts: an additional authority, and a client certificate with its key. */
export interface TlsOptions {
  ca?: string;
  cert?: string;
  key?: string;
}

/** Which hosts the registry may lead to although they are not public. */
export type AllowedHosts = readonly string[] | (() => readonly string[]);

/** How one registry, and what it leads to, is connected to. */
export interface ConnectionsOptions {
  /** Of the registry. */
  origin: URL;
  tls?: TlsOptions;
  environment: Environment;
  allowedHosts: AllowedHosts;
  connectTimeoutMs: number;
}

/**
 * The connections made on behalf of one registry: a keep-alive pool to itself,
 * and others to wherever it leads (token servers, redirects), which must be
 * public addresses or allowed hosts. The client certificate is shown to the
 * registry only; its authority is trusted for all of them, beside the public
 * ones, for layers may be stored elsewhere.
 */
export class Connections {
  static create(options: ConnectionsOptions): Connections {
    return new Connections(options);
  }

  readonly #options: ConnectionsOptions;
  readonly #shared: { ca?: string[]; timeout: number };
  readonly #own: Pool;
  readonly #allowed: Agent;
  readonly #guarded: Agent;
  readonly #proxied = new Map<string, ProxyAgent>();

  private constructor(options: ConnectionsOptions) {
    const { origin, tls, connectTimeoutMs: timeout } = options;
    this.#options = options;
    this.#shared = {
      timeout,
      ...(tls?.ca && { ca: [...getCACertificates('default'), tls.ca] }),
    };
    // HTTP/1.1: one big window per blob instead of one shared by all
    const allowH2 = false;
    this.#own = new Pool(origin, { allowH2, connect: this.#tls(true) });
    this.#allowed = new Agent({ allowH2, connect: this.#shared });
    this.#guarded = new Agent({
      allowH2,
      connect: { ...this.#shared, lookup: guardedLookup() },
    });
  }

  /**
   * What to send a request to this URL with. Throws ForbiddenAddressError for
   * a host that must not be contacted; one known by name only is refused when
   * the connection is made.
   */
  async dispatcherFor(url: URL): Promise<Dispatcher> {
    const own = url.origin === this.#options.origin.origin;
    const trusted = own || this.#isAllowed(url);
    const proxy = proxyFor(url, this.#options.environment);
    if (!trusted) {
      await refuseInner(url, proxy !== undefined);
    }
    if (proxy) {
      return this.#proxyAgent(proxy, own);
    }
    if (own) {
      return this.#own;
    }
    return trusted ? this.#allowed : this.#guarded;
  }

  /** Ends every connection at once, those in use included. */
  async destroy(): Promise<void> {
    const all = [
      this.#own,
      this.#allowed,
      this.#guarded,
      ...this.#proxied.values(),
    ];
    await Promise.all(all.map(dispatcher => dispatcher.destroy()));
  }

  #tls(own: boolean) {
    const { tls } = this.#options;
    return {
      ...this.#shared,
      ...(own && { cert: tls?.cert, key: tls?.key }),
    };
  }

  #isAllowed(url: URL): boolean {
    const { allowedHosts } = this.#options;
    const hosts =
      typeof allowedHosts === 'function' ? allowedHosts() : allowedHosts;
    return hosts.some(host => {
      const known = `${url.protocol}//${host}`;
      return URL.canParse(known) && new URL(known).host === url.host;
    });
  }

  #proxyAgent(proxy: URL, own: boolean): ProxyAgent {
    const key = `${own} ${proxy.href}`;
    const known = this.#proxied.get(key);
    if (known) {
      return known;
    }
    const { timeout, ...requestTls } = this.#tls(own);
    const agent = new ProxyAgent({
      uri: proxy.href,
      allowH2: false,
      connectTimeout: timeout,
      requestTls,
    });
    this.#proxied.set(key, agent);
    return agent;
  }
}

/**
 * Addresses are not looked up when a socket is made, and names behind a proxy
 * are looked up by the proxy: a name this machine knows too is checked here.
 */
async function refuseInner(url: URL, proxied: boolean): Promise<void> {
  const literal = literalAddress(url.hostname);
  const found =
    literal || !proxied
      ? []
      : await lookup(url.hostname, { all: true }).catch(() => []);
  const inner = [...(literal ? [literal] : []), ...found.map(a => a.address)];
  const forbidden = inner.find(address => !isPublicAddress(address));
  if (forbidden) {
    throw new ForbiddenAddressError(url.host, forbidden);
  }
}
