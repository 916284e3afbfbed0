import { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  downloadLength,
  downloadStage,
  type BodyStage,
  type FaultSurroundings,
} from './bodyFault';
import { DistributionError } from './DistributionError';
import type { Fault } from './Faults';
import type { RegistryCapabilities } from './RegistryCapabilities';
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
  /** The request's body, with what a fault does to it. */
  body: Readable;
  /** The fault that happens to this request. */
  fault?: Fault;
  /** What a fault works on. */
  surroundings: FaultSurroundings;
  /** Whether this request may also read another repository (for mounts). */
  mayPull: (repository: string) => boolean;
}

/** What the routes work with. */
export interface RouteContext {
  storage: RegistryStorage;
  capabilities: RegistryCapabilities;
  /** `http://hostname:port` of this registry. */
  url: string;
  /** Where blobs are redirected to. */
  blobUrl: (digest: string, size: number) => string;
  /** Bytes per second while a blob's body is sent; undefined is full speed. */
  throttle: (line: RequestLine) => number | undefined;
  /** Uploads that a request is writing to just now. */
  busyUploads: Set<string>;
}

/** Whether a fault takes the answer away, now that the work is done. */
function loseAnswer({ fault, response }: Exchange): boolean {
  const lost = fault?.spec.action.kind === 'lose-answer';
  if (lost) {
    response.destroy();
  }
  return lost;
}

/** Sends an answer with no body. */
export function sendEmpty(
  exchange: Exchange,
  status: number,
  headers: Record<string, string | number> = {},
): void {
  const { response } = exchange;
  if (loseAnswer(exchange)) {
    return;
  }
  response.writeHead(status, {
    ...(status === 204 ? {} : { 'content-length': 0 }),
    ...headers,
  });
  response.end();
}

/** Sends a body of so many bytes, or for HEAD only its head, as a fault lets it. */
export async function sendBody(
  exchange: Exchange,
  status: number,
  { body, size }: { body: Readable; size: number },
  headers: Record<string, string> = {},
  slower?: BodyStage,
): Promise<void> {
  const { method, response, fault, surroundings } = exchange;
  if (loseAnswer(exchange)) {
    body.destroy();
    return;
  }
  const length = downloadLength(fault, size);
  response.writeHead(status, {
    ...headers,
    ...(length !== undefined && { 'content-length': length }),
  });
  if (method === 'HEAD') {
    body.destroy();
    response.end();
    return;
  }
  let flowing: AsyncIterable<Buffer> = body;
  for (const stage of [
    fault && downloadStage(fault, size, surroundings),
    slower,
  ]) {
    flowing = stage ? stage(flowing) : flowing;
  }
  await pipeline(flowing, response);
  if (length !== undefined && length > size) {
    // Bytes are promised that do not come: a client would wait for them.
    surroundings.socket.end();
  }
}

/** Sends bytes, or for HEAD only their length. */
export function sendBytes(
  exchange: Exchange,
  status: number,
  bytes: Uint8Array,
  headers: Record<string, string> = {},
): void | Promise<void> {
  const { method, response } = exchange;
  if (exchange.fault) {
    const body = Readable.from([Buffer.from(bytes)], { objectMode: false });
    return sendBody(exchange, status, { body, size: bytes.length }, headers);
  }
  response.writeHead(status, { ...headers, 'content-length': bytes.length });
  response.end(method === 'HEAD' ? undefined : bytes);
  return undefined;
}

/** Sends a value as JSON. */
export function sendJson(
  exchange: Exchange,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void | Promise<void> {
  return sendBytes(exchange, status, Buffer.from(JSON.stringify(value)), {
    'content-type': 'application/json',
    ...headers,
  });
}

/** Sends an error in the form of the distribution specification, "Error Codes". */
export function sendError(
  { method, response }: Exchange,
  error: DistributionError,
): void {
  const bytes = Buffer.from(error.toBody());
  response.writeHead(error.status, {
    'content-type': 'application/json',
    ...error.headers,
    'content-length': bytes.length,
  });
  response.end(method === 'HEAD' ? undefined : bytes);
}

/** The answer to a method that a path does not have. */
export function methodNotAllowed({ method, path }: RequestLine) {
  return new DistributionError(405, 'UNSUPPORTED', `no ${method} on ${path}`);
}
