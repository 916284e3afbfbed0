import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Exchange, RequestLine } from './exchange';
import { requestKind, type RequestKind } from './requestKind';

/** A request that was made. */
export interface RecordedRequest extends RequestLine {
  /** The query with its question mark, or empty. */
  query: string;
  kind: RequestKind;
  headers: IncomingHttpHeaders;
  /** Status of the answer; 0 while there is none. */
  status: number;
  /** When it came in, in milliseconds since 1970. */
  at: number;
}

/**
 * Notes a request. Tests read the record as soon as they have an answer, which
 * is before the server's own `finish` event: so the status is noted when the
 * head is written.
 */
export function recordRequest(
  { method, path, query, request, response }: Exchange,
  at: Date,
): RecordedRequest {
  const recorded: RecordedRequest = {
    method,
    path,
    query: (request.url ?? '').replace(/^[^?]*/, ''),
    kind: requestKind({ method, path }, query),
    headers: request.headers,
    status: 0,
    at: at.getTime(),
  };
  const writeHead = response.writeHead.bind(response) as (
    ...args: unknown[]
  ) => ServerResponse;
  response.writeHead = (...args: unknown[]) => {
    recorded.status = Number(args[0]);
    return writeHead(...args);
  };
  return recorded;
}

/** How many requests of each kind there are; absent kinds are left out. */
export function countKinds(
  requests: RecordedRequest[],
): Partial<Record<RequestKind, number>> {
  const counts: Partial<Record<RequestKind, number>> = {};
  for (const { kind } of requests) {
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}
