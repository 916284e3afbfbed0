import { z } from 'zod';
import {
  imageConfigSchema,
  imageIndexSchema,
  imageManifestSchema,
  type ImageConfig,
  type ImageIndex,
  type ImageManifest,
} from './manifests';
import { isImageManifest, isIndex, isSchema1, MediaTypes } from './mediaTypes';

/** Why schema 1 is refused, for the messages of every place that meets it. */
export const SCHEMA1_REFUSED =
  'it is a Docker image manifest version 2, schema 1, which no current registry or runtime takes; push it again with a current builder';

/**
 * Reads a manifest and decides its media type.
 *
 * The header decides when it names a manifest, then the manifest's own
 * `mediaType`, then its shape: some registries answer `text/plain`. Header and
 * manifest may not contradict each other (OCI distribution-spec, "Pulling
 * manifests"), else two readers see two images in the same bytes.
 *
 * Throws an Error that says what is wrong.
 *
 * @param contentType - `Content-Type` of the answer, if any.
 */
export function parseManifest(
  bytes: Uint8Array,
  contentType?: string,
): { mediaType: string; manifest: ImageManifest | ImageIndex } {
  const json = parseObject(bytes, 'manifest');
  if (json.schemaVersion === 1 || isSchema1(bareType(contentType))) {
    throw new Error(SCHEMA1_REFUSED);
  }
  const mediaType = decideMediaType(json, bareType(contentType));
  const schema = isIndex(mediaType) ? imageIndexSchema : imageManifestSchema;
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    throw new Error(`bad manifest: ${faults(parsed.error)}`);
  }
  return { mediaType, manifest: parsed.data };
}

/** Reads an image config. Throws an Error that says what is wrong. */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  const parsed = imageConfigSchema.safeParse(
    parseObject(bytes, 'image config'),
  );
  if (!parsed.success) {
    throw new Error(`bad image config: ${faults(parsed.error)}`);
  }
  return parsed.data;
}

/** A `Content-Type` without its parameters, in lower case. */
export function bareType(contentType: string | undefined): string {
  return (contentType ?? '').split(';')[0].trim().toLowerCase();
}

function decideMediaType(
  json: Record<string, unknown>,
  header: string,
): string {
  const own = typeof json.mediaType === 'string' ? json.mediaType : '';
  const shape = Array.isArray(json.manifests)
    ? MediaTypes.ociIndex
    : MediaTypes.ociManifest;
  const isManifest = (type: string) => isIndex(type) || isImageManifest(type);
  if (own && !isManifest(own)) {
    throw new Error(`manifest of unknown media type '${own}'`);
  }
  if (own && isManifest(header) && own !== header) {
    throw new Error(
      `the registry serves it as '${header}' but the manifest says '${own}'`,
    );
  }
  const mediaType = isManifest(header) ? header : own || shape;
  const other = isIndex(mediaType) ? 'layers' : 'manifests';
  if (other in json) {
    throw new Error(`bad manifest: '${mediaType}' with a '${other}' field`);
  }
  return mediaType;
}

function parseObject(bytes: Uint8Array, what: string): Record<string, unknown> {
  let json: unknown;
  try {
    // Go writers give nil slices and maps as null, which means absent
    json = JSON.parse(Buffer.from(bytes).toString('utf8'), (_, value) =>
      value === null ? undefined : value,
    );
  } catch (error) {
    throw new Error(`the ${what} is not JSON`, { cause: error });
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new Error(`the ${what} is not a JSON object`);
  }
  return json as Record<string, unknown>;
}

function faults(error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map(issue => `${issue.path.join('.') || 'root'}: ${issue.message}`)
    .join('; ');
}
