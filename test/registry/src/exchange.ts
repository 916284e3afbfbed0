import { IncomingMessage, ServerResponse } from 'node:http';
import { DistributionError } from './DistributionError';
import { RegistryStorage } from './RegistryStorage';

/** Method and path (without the query) of a request. */
export interface RequestLine {
  method: string;
  path: string;
}

/** One request and the answer it is getting. */
export interface Exchange extends RequestLine {
  query: URLSearchParams;
  request: IncomingMessage;
  response: ServerResponse;
  /** Whether this request may also read another repository (for mounts). */
  mayPull: (repository: string) => boolean;
}

/** What the routes work with. */
export interface RouteContext {
  storage: RegistryStorage;
  checkManifests: boolean;
  pageSize: number;
  /** Bytes per second while a blob's body is sent; undefined is full speed. */
  throttle: (line: RequestLine) => number | undefined;
  /** Uploads that a request is writing to just now. */
  busyUploads: Set<string>;
}

/** Sends an answer with no body. */
export function sendEmpty(
  { response }: Exchange,
  status: number,
  headers: Record<string, string | number> = {},
): void {
  response.writeHead(status, {
    ...(status === 204 ? {} : { 'content-length': 0 }),
    ...headers,
  });
  response.end();
}

/** Sends bytes, or for HEAD only their length. */
export function sendBytes(
  { method, response }: Exchange,
  status: number,
  bytes: Uint8Array,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { ...headers, 'content-length': bytes.length });
  response.end(method === 'HEAD' ? undefined : bytes);
}

/** Sends a value as JSON. */
export function sendJson(
  exchange: Exchange,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  sendBytes(exchange, status, Buffer.from(JSON.stringify(value)), {
    'content-type': 'application/json',
    ...headers,
  });
}

/** Sends an error in the form of the distribution specification, "Error Codes". */
export function sendError(exchange: Exchange, error: DistributionError): void {
  sendBytes(exchange, error.status, Buffer.from(error.toBody()), {
    'content-type': 'application/json',
    ...error.headers,
  });
}

/** The answer to a method that a path does not have. */
export function methodNotAllowed({ method, path }: RequestLine) {
  return new DistributionError(405, 'UNSUPPORTED', `no ${method} on ${path}`);
}
