import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';

/** One request to the registry, repeated as the retry policy says. */
export interface HostRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Path and query on the registry, or an absolute URL it gave us. */
  target: string | URL;
  headers?: Record<string, string>;
  /** Makes the body; called again when the request is sent again. */
  body?: () => Promise<Readable | Buffer>;
  /** Token scopes (distribution docs, spec/auth/scope.md). */
  scopes: string[];
  repository?: string;
  reference?: string;
  /** False for a body or session that cannot be used twice. Default true. */
  retry?: boolean;
  /** True for what tidies up: it waits for no slot and no pause. */
  urgent?: boolean;
  signal?: AbortSignal;
}

/** An answer with a 2xx status. */
export interface HostResponse {
  status: number;
  /** First value of a header, by its lower case name. */
  header(name: string): string | undefined;
  /** Must be read to its end, dumped or destroyed. */
  body: Dispatcher.ResponseData['body'];
  /** Where the answer came from, after redirects. */
  url: URL;
}

/** An answer of any status, with all of its headers. */
export interface RawResponse extends HostResponse {
  headers: Dispatcher.ResponseData['headers'];
}
