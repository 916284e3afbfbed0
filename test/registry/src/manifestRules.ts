import { parseDigest } from './digest';
import { DistributionError } from './DistributionError';
import { ReferrerDescriptor } from './RegistryStorage';

/** Largest manifest in bytes that is taken (distribution-spec, "Pushing manifests": at least 4 MiB). */
export const MAX_MANIFEST_SIZE = 4 * 1024 * 1024;

const INDEX_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const IMAGE_TYPES = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  urls?: string[];
}

/** What this registry needs to know of a manifest. */
export interface ParsedManifest {
  mediaType: string;
  /** Digests of the blobs that have to be there. */
  blobs: string[];
  /** Digests of the manifests that have to be there. */
  children: string[];
  /** Digest of the manifest this one refers to. */
  subject?: string;
  artifactType?: string;
  annotations?: Record<string, string>;
}

function invalid(message: string): DistributionError {
  return new DistributionError(400, 'MANIFEST_INVALID', message);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function requireDescriptor(value: unknown, where: string): Descriptor {
  if (
    !isObject(value) ||
    typeof value.mediaType !== 'string' ||
    typeof value.digest !== 'string' ||
    !parseDigest(value.digest) ||
    !Number.isSafeInteger(value.size) ||
    Number(value.size) < 0
  ) {
    throw invalid(`${where} is not a descriptor (mediaType, digest, size)`);
  }
  return value as unknown as Descriptor;
}

function requireDescriptors(value: unknown, where: string): Descriptor[] {
  if (!Array.isArray(value)) {
    throw invalid(`${where} is not a list`);
  }
  return value.map((item, at) => requireDescriptor(item, `${where}[${at}]`));
}

function parseJson(bytes: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (isObject(value) && value.schemaVersion === 2) {
      return value;
    }
  } catch {
    throw invalid('the manifest is not JSON');
  }
  throw invalid('the manifest is not an object with schemaVersion 2');
}

/** Media type of a manifest: the Content-Type, which the body's own has to equal. */
function mediaTypeOf(
  manifest: Record<string, unknown>,
  contentType: string | undefined,
): string {
  const sent = contentType?.split(';')[0].trim();
  const mediaType = sent || manifest.mediaType;
  if (typeof mediaType !== 'string') {
    throw invalid('neither Content-Type nor mediaType is given');
  }
  if (manifest.mediaType !== undefined && manifest.mediaType !== mediaType) {
    throw invalid(
      `Content-Type ${mediaType} is not the manifest's mediaType ${manifest.mediaType}`,
    );
  }
  return mediaType;
}

/**
 * Checks a pushed manifest (image-spec manifest.md and image-index.md, and the
 * Docker v2 forms) and finds what it names.
 *
 * @throws DistributionError 400 MANIFEST_INVALID naming the bad part
 */
export function parseManifest(
  bytes: Buffer,
  contentType: string | undefined,
): ParsedManifest {
  const manifest = parseJson(bytes);
  const mediaType = mediaTypeOf(manifest, contentType);
  const common = {
    mediaType,
    subject:
      manifest.subject === undefined
        ? undefined
        : requireDescriptor(manifest.subject, 'subject').digest,
    annotations: isObject(manifest.annotations)
      ? (manifest.annotations as Record<string, string>)
      : undefined,
    artifactType:
      typeof manifest.artifactType === 'string'
        ? manifest.artifactType
        : undefined,
  };
  if (INDEX_TYPES.includes(mediaType)) {
    const children = requireDescriptors(manifest.manifests, 'manifests');
    return { ...common, blobs: [], children: children.map(c => c.digest) };
  }
  if (!IMAGE_TYPES.includes(mediaType)) {
    throw invalid(`${mediaType} is no media type of a manifest`);
  }
  const config = requireDescriptor(manifest.config, 'config');
  const layers = requireDescriptors(manifest.layers, 'layers');
  return {
    ...common,
    // A referrer without an artifactType is listed under its config's type
    // (distribution-spec, "Listing referrers").
    artifactType: common.artifactType ?? config.mediaType,
    children: [],
    // Layers with urls are fetched from there (image-spec descriptor.md, "urls").
    blobs: [config, ...layers.filter(l => !l.urls?.length)].map(d => d.digest),
  };
}

/** How a manifest with a subject is listed by the referrers API. */
export function referrerDescriptor(
  manifest: ParsedManifest,
  digest: string,
  size: number,
): ReferrerDescriptor {
  const { mediaType, artifactType, annotations } = manifest;
  return { mediaType, digest, size, artifactType, annotations };
}
