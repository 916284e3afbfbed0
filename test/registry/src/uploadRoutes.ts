import { requireDigest } from './blobRoutes';
import { digestOf } from './digest';
import { DistributionError } from './DistributionError';
import {
  Exchange,
  methodNotAllowed,
  RouteContext,
  sendEmpty,
} from './exchange';

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Clients must keep the query of an upload's location; this is what they have to keep. */
function stateOf(id: string): string {
  return digestOf(id).slice('sha256:'.length, 'sha256:'.length + 12);
}

function uploadHeaders(
  { capabilities }: RouteContext,
  repository: string,
  id: string,
  size: number,
) {
  const { chunkMinLength } = capabilities;
  return {
    ...(chunkMinLength && { 'oci-chunk-min-length': String(chunkMinLength) }),
    location: `/v2/${repository}/blobs/uploads/${id}?_state=${stateOf(id)}`,
    range: `0-${Math.max(0, size - 1)}`,
    'docker-upload-uuid': id,
  };
}

function sendCreated(exchange: Exchange, repository: string, digest: string) {
  sendEmpty(exchange, 201, {
    location: `/v2/${repository}/blobs/${digest}`,
    'docker-content-digest': digest,
  });
}

async function finish(
  { storage }: RouteContext,
  exchange: Exchange,
  repository: string,
  id: string,
  digest: string,
): Promise<void> {
  if (!(await storage.finishUpload(repository, id, digest))) {
    throw new DistributionError(
      400,
      'DIGEST_INVALID',
      'the uploaded content has another digest',
      { detail: { digest } },
    );
  }
  sendCreated(exchange, repository, digest);
}

/**
 * Refuses to push to a repository that has nothing yet, where the registry
 * does not make repositories by itself.
 *
 * @throws DistributionError 404 NAME_UNKNOWN
 */
export async function requireRepository(
  { storage, capabilities }: RouteContext,
  repository: string,
): Promise<void> {
  if (
    !capabilities.createRepositories &&
    !(await storage.listTags(repository))
  ) {
    throw new DistributionError(
      404,
      'NAME_UNKNOWN',
      `The repository with name '${repository}' does not exist`,
      { detail: { name: repository } },
    );
  }
}

/** Appends a request's body unless it is too large for one request. */
async function append(
  { storage, capabilities: { maxBody } }: RouteContext,
  { body, request }: Exchange,
  repository: string,
  id: string,
): Promise<void> {
  if (Number(request.headers['content-length'] ?? 0) > maxBody) {
    throw new DistributionError(
      413,
      'SIZE_INVALID',
      `a request brings at most ${maxBody} bytes`,
    );
  }
  await storage.appendUpload(repository, id, body);
}

/**
 * Appends a request's body. With a Content-Range (`first-last`) it has to
 * start where the upload ends, else 416 (distribution-spec, "Pushing a blob in
 * chunks"), and has to be as long as it says, else 400 and nothing is kept.
 */
async function receive(
  context: RouteContext,
  exchange: Exchange,
  repository: string,
  id: string,
  size: number,
): Promise<number> {
  const { storage, capabilities } = context;
  const { request, method } = exchange;
  const header = request.headers['content-range'];
  const match = /^(?:bytes[= ])?(\d+)-(\d+)(?:\/.*)?$/.exec(header ?? '');
  const fits = match && Number(match[1]) === size;
  if (header !== undefined && !fits && capabilities.checkChunks) {
    throw new DistributionError(
      416,
      'BLOB_UPLOAD_INVALID',
      `the next chunk starts at byte ${size}`,
      { detail: header, headers: uploadHeaders(context, repository, id, size) },
    );
  }
  await append(context, exchange, repository, id);
  const received = (await storage.uploadSize(repository, id)) ?? 0;
  const { chunkMinLength = 0 } = capabilities;
  if (match && method === 'PATCH' && received - size < chunkMinLength) {
    await storage.truncateUpload(repository, id, size);
    throw new DistributionError(
      400,
      'SIZE_INVALID',
      `a chunk that is not the last has at least ${chunkMinLength} bytes`,
    );
  }
  if (match && capabilities.checkChunks && received - 1 !== Number(match[2])) {
    await storage.truncateUpload(repository, id, size);
    throw new DistributionError(
      400,
      'SIZE_INVALID',
      `the chunk has ${received - size} bytes, not those of its Content-Range`,
      { detail: header },
    );
  }
  return received;
}

/** POST `/v2/<name>/blobs/uploads/`: opens an upload, or takes a whole blob (`digest`), or mounts one (`mount`, `from`). */
export async function startUploadRoute(
  context: RouteContext,
  exchange: Exchange,
  repository: string,
): Promise<void> {
  const { storage, capabilities } = context;
  if (exchange.method !== 'POST') {
    throw methodNotAllowed(exchange);
  }
  const mount = exchange.query.get('mount');
  const from = exchange.query.get('from');
  await requireRepository(context, repository);
  if (mount && from && capabilities.mounts && exchange.mayPull(from)) {
    if (await storage.statBlob(from, requireDigest(mount))) {
      await storage.linkBlob(repository, mount);
      sendCreated(exchange, repository, mount);
      return;
    }
  }
  const digest = exchange.query.get('digest');
  if (digest !== null) {
    requireDigest(digest);
  }
  const id = await storage.startUpload(repository);
  if (digest !== null) {
    await append(context, exchange, repository, id);
    await finish(context, exchange, repository, id, digest);
    return;
  }
  sendEmpty(exchange, 202, uploadHeaders(context, repository, id, 0));
}

async function continueUpload(
  context: RouteContext,
  exchange: Exchange,
  repository: string,
  id: string,
  size: number,
): Promise<void> {
  switch (exchange.method) {
    case 'GET':
      sendEmpty(exchange, 204, uploadHeaders(context, repository, id, size));
      return;
    case 'PATCH': {
      const now = await receive(context, exchange, repository, id, size);
      const { chunkStatus } = context.capabilities;
      sendEmpty(
        exchange,
        chunkStatus,
        uploadHeaders(context, repository, id, now),
      );
      return;
    }
    case 'PUT': {
      const digest = requireDigest(exchange.query.get('digest') ?? '');
      await receive(context, exchange, repository, id, size);
      await finish(context, exchange, repository, id, digest);
      return;
    }
    default:
      throw methodNotAllowed(exchange);
  }
}

/** GET (status), PATCH (chunk), PUT (finish) and DELETE (cancel) of `/v2/<name>/blobs/uploads/<id>`. */
export async function uploadRoute(
  context: RouteContext,
  exchange: Exchange,
  repository: string,
  id: string,
): Promise<void> {
  const { storage, busyUploads } = context;
  const size = ID.test(id)
    ? await storage.uploadSize(repository, id)
    : undefined;
  if (size === undefined) {
    throw new DistributionError(
      404,
      'BLOB_UPLOAD_UNKNOWN',
      'there is no such upload in this repository',
      { detail: id },
    );
  }
  if (exchange.query.get('_state') !== stateOf(id)) {
    throw new DistributionError(
      400,
      'BLOB_UPLOAD_INVALID',
      'keep the query of the upload location',
    );
  }
  if (exchange.method === 'DELETE') {
    // Also while a request writes to it, which then writes into the void.
    await storage.cancelUpload(repository, id);
    sendEmpty(exchange, 204);
    return;
  }
  if (busyUploads.has(id)) {
    throw new DistributionError(
      409,
      'BLOB_UPLOAD_INVALID',
      'another request is writing to this upload',
    );
  }
  busyUploads.add(id);
  try {
    await continueUpload(context, exchange, repository, id, size);
  } finally {
    busyUploads.delete(id);
  }
}
