import { parseDigest } from './digest';
import { DistributionError } from './DistributionError';
import {
  Exchange,
  methodNotAllowed,
  RouteContext,
  sendBody,
  sendEmpty,
} from './exchange';
import { ByteRange } from './RegistryStorage';
import { slowDown } from './slowDown';

/** The digest in a path or query; 400 DIGEST_INVALID when it is none. */
export function requireDigest(text: string): string {
  if (!parseDigest(text)) {
    throw new DistributionError(
      400,
      'DIGEST_INVALID',
      'a digest is sha256: or sha512: and its lower-case hex digits',
      { detail: text },
    );
  }
  return text;
}

/**
 * Reads a Range header with one range of bytes (RFC 9110, section 14.2).
 * Undefined when there is none that this registry serves, so that the whole
 * blob is sent; `unsatisfiable` when it lies outside the blob.
 */
export function parseRange(
  header: string | undefined,
  size: number,
): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (!match[1] && !match[2])) {
    return undefined;
  }
  const [first, last] = [match[1], match[2]].map(Number);
  if (!match[1]) {
    return last === 0 || size === 0
      ? 'unsatisfiable'
      : { start: Math.max(0, size - last), end: size - 1 };
  }
  if (match[2] && last < first) {
    return undefined;
  }
  return first >= size
    ? 'unsatisfiable'
    : { start: first, end: match[2] ? Math.min(last, size - 1) : size - 1 };
}

async function sendBlob(
  { storage, throttle, capabilities, blobUrl }: RouteContext,
  exchange: Exchange,
  digest: string,
  size: number,
): Promise<void> {
  if (capabilities.redirectBlobs && exchange.method === 'GET') {
    sendEmpty(exchange, 307, { location: blobUrl(digest, size) });
    return;
  }
  const range = parseRange(exchange.request.headers.range, size);
  if (range === 'unsatisfiable') {
    sendEmpty(exchange, 416, { 'content-range': `bytes */${size}` });
    return;
  }
  const rate = throttle(exchange);
  await sendBody(
    exchange,
    range ? 206 : 200,
    {
      body: storage.readBlob(digest, range),
      size: range ? range.end - range.start + 1 : size,
    },
    {
      'accept-ranges': 'bytes',
      'content-type': 'application/octet-stream',
      'docker-content-digest': digest,
      ...(range && {
        'content-range': `bytes ${range.start}-${range.end}/${size}`,
      }),
    },
    rate === undefined ? undefined : slowDown(rate),
  );
}

/** HEAD, GET (with Range) and DELETE of `/v2/<name>/blobs/<digest>`. */
export async function blobRoute(
  context: RouteContext,
  exchange: Exchange,
  repository: string,
  reference: string,
): Promise<void> {
  const digest = requireDigest(reference);
  const { storage } = context;
  const unknown = new DistributionError(
    404,
    'BLOB_UNKNOWN',
    `blob is not in repository ${repository}`,
    { detail: { digest } },
  );
  if (exchange.method === 'DELETE') {
    if (!(await storage.unlinkBlob(repository, digest))) {
      throw unknown;
    }
    sendEmpty(exchange, 202);
    return;
  }
  if (exchange.method !== 'GET' && exchange.method !== 'HEAD') {
    throw methodNotAllowed(exchange);
  }
  const found = await storage.statBlob(repository, digest);
  if (!found) {
    throw unknown;
  }
  await sendBlob(context, exchange, digest, found.size);
}
