/** A chunk has so many bytes unless the registry says otherwise. */
export const CHUNK_BYTES = 8 * 1024 * 1024;
/** Smaller ones are not tried. */
const LEAST_CHUNK_BYTES = 256 * 1024;

/**
 * Whether a blob that was refused in one piece may be taken in chunks: too
 * large (413, often of a proxy), or not offered like that.
 */
export function mayChunk(status: number | undefined): boolean {
  return status !== undefined && [404, 405, 413, 501].includes(status);
}

/**
 * Bytes that an upload has, by the `Range` of its answer (`0-1023`, OCI
 * distribution-spec, "Pushing a blob in chunks"), or undefined without one.
 * `0-0` is what registries say of an empty one.
 */
export function uploadedBytes(range: string | undefined): number | undefined {
  const [, last] =
    /^(?:bytes[= ])?0-(\d{1,15})$/i.exec(range?.trim() ?? '') ?? [];
  if (last === undefined) {
    return undefined;
  }
  return last === '0' ? 0 : Number(last) + 1;
}

/** `OCI-Chunk-Min-Length`, or 0. */
export function leastChunk(header: string | undefined): number {
  return /^\d{1,15}$/.test(header ?? '') ? Number(header) : 0;
}

/**
 * The next size to try after a chunk was too large, or undefined when there is
 * none that the registry would take.
 */
export function smallerChunk(size: number, least: number): number | undefined {
  const floor = Math.max(least, LEAST_CHUNK_BYTES);
  return size > floor ? Math.max(floor, Math.floor(size / 4)) : undefined;
}
