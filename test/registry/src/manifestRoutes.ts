import { requireDigest } from './blobRoutes';
import { digestOf, parseDigest } from './digest';
import { DistributionError } from './DistributionError';
import {
  Exchange,
  methodNotAllowed,
  RouteContext,
  sendBytes,
  sendEmpty,
} from './exchange';
import { isTag } from './grammar';
import {
  MAX_MANIFEST_SIZE,
  ParsedManifest,
  parseManifest,
  referrerDescriptor,
} from './manifestRules';
import { RegistryStorage } from './RegistryStorage';
import { requireRepository } from './uploadRoutes';

function requireReference(reference: string): 'tag' | 'digest' {
  if (reference.includes(':')) {
    requireDigest(reference);
    return 'digest';
  }
  if (!isTag(reference)) {
    throw new DistributionError(
      400,
      'MANIFEST_INVALID',
      'a tag has 1 to 128 letters, digits, _ . - and starts with none of . -',
      { detail: reference },
    );
  }
  return 'tag';
}

/** 404 MANIFEST_UNKNOWN, or NAME_UNKNOWN when the repository is absent too. */
async function manifestUnknown(
  storage: RegistryStorage,
  repository: string,
  reference: string,
): Promise<DistributionError> {
  return (await storage.listTags(repository)) === undefined
    ? new DistributionError(404, 'NAME_UNKNOWN', 'repository is not known', {
        detail: { name: repository },
      })
    : new DistributionError(404, 'MANIFEST_UNKNOWN', 'manifest is not known', {
        detail: { reference },
      });
}

async function readBody({ body }: Exchange): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size <= MAX_MANIFEST_SIZE) {
      chunks.push(chunk);
    }
  }
  if (size > MAX_MANIFEST_SIZE) {
    throw new DistributionError(
      413,
      'SIZE_INVALID',
      `a manifest has at most ${MAX_MANIFEST_SIZE} bytes`,
    );
  }
  return Buffer.concat(chunks);
}

async function requireParts(
  { storage, capabilities }: RouteContext,
  repository: string,
  manifest: ParsedManifest,
): Promise<void> {
  const missing = [];
  for (const digest of capabilities.checkBlobs ? manifest.blobs : []) {
    if (!(await storage.statBlob(repository, digest))) {
      missing.push(digest);
    }
  }
  for (const digest of capabilities.checkChildren ? manifest.children : []) {
    if (!(await storage.getManifest(repository, digest))) {
      missing.push(digest);
    }
  }
  if (missing.length > 0) {
    throw new DistributionError(
      400,
      'MANIFEST_BLOB_UNKNOWN',
      `the manifest names what repository ${repository} does not have`,
      { detail: { digests: missing } },
    );
  }
}

/** Refuses to put a tag that exists, as registries with immutable tags do. */
async function requireMutable(
  { storage, capabilities: { immutableTags } }: RouteContext,
  repository: string,
  tag: string,
  digest: string,
): Promise<void> {
  const known = immutableTags && (await storage.getTag(repository, tag));
  if (known && (immutableTags === 'puts' || known !== digest)) {
    throw new DistributionError(
      400,
      'TAG_INVALID',
      `the tag '${tag}' exists in '${repository}' and cannot be overwritten because tags are immutable`,
    );
  }
}

async function putManifest(
  context: RouteContext,
  exchange: Exchange,
  repository: string,
  reference: string,
): Promise<void> {
  const { storage, capabilities } = context;
  const kind = requireReference(reference);
  await requireRepository(context, repository);
  const bytes = await readBody(exchange);
  const digest =
    kind === 'digest'
      ? digestOf(bytes, parseDigest(reference)?.algorithm)
      : digestOf(bytes);
  if (kind === 'digest' && digest !== reference) {
    throw new DistributionError(
      400,
      'DIGEST_INVALID',
      'the manifest has another digest',
      { detail: { digest } },
    );
  }
  const manifest = parseManifest(
    bytes,
    exchange.request.headers['content-type'],
  );
  await requireParts(context, repository, manifest);
  if (kind === 'tag') {
    await requireMutable(context, repository, reference, digest);
  }
  const { mediaType, subject } = manifest;
  await storage.putManifest(repository, digest, { mediaType, bytes });
  if (subject) {
    const descriptor = referrerDescriptor(manifest, digest, bytes.length);
    await storage.putReferrer(repository, subject, descriptor);
  }
  if (kind === 'tag') {
    await storage.putTag(repository, reference, digest);
  }
  sendEmpty(exchange, 201, {
    location: `/v2/${repository}/manifests/${digest}`,
    'docker-content-digest': digest,
    ...(subject && capabilities.ociSubject && { 'oci-subject': subject }),
  });
}

async function deleteManifest(
  { storage, capabilities }: RouteContext,
  exchange: Exchange,
  repository: string,
  reference: string,
): Promise<void> {
  const kind = requireReference(reference);
  if (!capabilities.deletes) {
    throw new DistributionError(
      405,
      'UNSUPPORTED',
      'this registry deletes nothing',
    );
  }
  if (kind === 'tag') {
    if (!capabilities.deleteTags) {
      throw new DistributionError(
        400,
        'UNSUPPORTED',
        'this registry deletes manifests by digest only',
      );
    }
    if (!(await storage.deleteTag(repository, reference))) {
      throw await manifestUnknown(storage, repository, reference);
    }
    sendEmpty(exchange, 202);
    return;
  }
  const found = await storage.getManifest(repository, reference);
  if (!found) {
    throw await manifestUnknown(storage, repository, reference);
  }
  for (const tag of (await storage.listTags(repository)) ?? []) {
    if ((await storage.getTag(repository, tag)) === reference) {
      await storage.deleteTag(repository, tag);
    }
  }
  const { subject } = parseManifest(found.bytes, found.mediaType);
  if (subject) {
    await storage.deleteReferrer(repository, subject, reference);
  }
  await storage.deleteManifest(repository, reference);
  sendEmpty(exchange, 202);
}

async function getManifest(
  { storage }: RouteContext,
  exchange: Exchange,
  repository: string,
  reference: string,
): Promise<void> {
  const digest =
    requireReference(reference) === 'digest'
      ? reference
      : await storage.getTag(repository, reference);
  const found = digest && (await storage.getManifest(repository, digest));
  if (!found) {
    throw await manifestUnknown(storage, repository, reference);
  }
  await sendBytes(exchange, 200, found.bytes, {
    'content-type': found.mediaType,
    'docker-content-digest': digest,
  });
}

/** HEAD, GET, PUT and DELETE of `/v2/<name>/manifests/<tag or digest>`. */
export async function manifestRoute(
  context: RouteContext,
  exchange: Exchange,
  repository: string,
  reference: string,
): Promise<void> {
  switch (exchange.method) {
    case 'GET':
    case 'HEAD':
      return getManifest(context, exchange, repository, reference);
    case 'PUT':
      return putManifest(context, exchange, repository, reference);
    case 'DELETE':
      return deleteManifest(context, exchange, repository, reference);
    default:
      throw methodNotAllowed(exchange);
  }
}
