import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestLine } from './exchange';
import type { RegistryCapabilities } from './RegistryCapabilities';

/** How a registry is started; everything may be left out. */
export interface TestRegistryOptions {
  /** Default 0: any free port. */
  port?: number;
  /** Default `127.0.0.1`. */
  hostname?: string;
  /** Default `memory`. */
  storage?: 'memory' | { directory: string };
  /** Credentials every request needs; by default none. */
  auth?: { username: string; password: string };
  /** Bearer tokens from the registry's own `/token` instead of basic authentication. */
  tokenAuth?: boolean;
  /** Milliseconds a token is good for. Default 300,000; told in seconds, rounded up. */
  tokenLifetime?: number;
  /** Default true; false is `checkBlobs` and `checkChildren` false. */
  checkManifests?: boolean;
  /** Most names on one page of tags or repositories; by default no limit. */
  pageSize?: number;
  /** What this registry does differently. */
  capabilities?: Partial<RegistryCapabilities>;
  /** Milliseconds before a request is answered. */
  delay?: (line: RequestLine) => number | undefined;
  /** Bytes per second while a blob's body is sent. */
  throttle?: (line: RequestLine) => number | undefined;
  /** Sees every request first; true means that it has answered by itself. */
  intercept?: (
    request: IncomingMessage,
    response: ServerResponse,
  ) => boolean | Promise<boolean>;
  /** The clock; default the machine's. */
  now?: () => Date;
}
