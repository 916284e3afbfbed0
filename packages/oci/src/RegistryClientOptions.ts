import type { RegistryAuth } from './auth/createCredentialSource';
import type { AllowedHosts, TlsOptions } from './transport/Connections';
import type { Environment } from './transport/Environment';
import type { Timeouts } from './transport/Timeouts';
import type { Timing } from './transport/Timing';
import type { RegistryWarning } from './transport/Warnings';

/** How a registry is reached, and as whom. */
export interface RegistryClientOptions {
  /** `docker.io` or `host[:port]`. */
  host: string;
  /** Plain HTTP instead of HTTPS. */
  insecure?: boolean;
  auth?: RegistryAuth;
  /** PEM texts: an additional authority, and a client certificate with its key. */
  tls?: TlsOptions;
  /** Most requests, and blobs being read, at a time; fewer while the registry is busy. Default 6. */
  concurrency?: number;
  /** Most requests in a second, spread evenly. Default: no limit. */
  requestsPerSecond?: number;
  /**
   * Hosts (`host[:port]`) that the registry may lead to, by redirects, upload
   * locations and token servers, although their addresses are not public.
   * Itself is always one.
   */
  allowedHosts?: AllowedHosts;
  /**
   * Root of the API that tells when tags were pushed, as Docker Hub has one
   * beside its registry. Default: `https://hub.docker.com` for `docker.io`, none
   * for others.
   */
  hubUrl?: string;
  /** Is told once of every warning of the registry. */
  onWarning?(warning: RegistryWarning): void;
  userAgent?: string;
  timeouts?: Partial<Timeouts>;
  /** Clock, sleep and chance. Default: the system's. */
  timing?: Timing;
  /** Proxies, and where `dockerConfig` looks. Default: the process's. */
  environment?: Environment;
}

/** Throws an Error that names the registry for a limit that is none. */
export function checkLimits(options: RegistryClientOptions) {
  const { host, concurrency = 1, requestsPerSecond = 1 } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new Error(
      `concurrency of registry ${host} must be 1 or more, not ${concurrency}`,
    );
  }
  if (!(requestsPerSecond > 0)) {
    throw new Error(
      `requestsPerSecond of registry ${host} must be more than 0, not ${requestsPerSecond}`,
    );
  }
}
