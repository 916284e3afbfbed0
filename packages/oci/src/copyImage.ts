import type { Descriptor, ImageIndex, ImageManifest } from './manifests';
import { isIndex, isManifest, isNonDistributable } from './mediaTypes';
import type { FetchedManifest, RegistryClient } from './RegistryClient';
import { ImageLocation, PlatformImage, resolveImage } from './resolveImage';

const PARALLEL_BLOBS = 3;

/** What {@link copyImage} copies, and where to. @public */
export interface CopyOptions {
  source: ImageLocation;
  target: { client: RegistryClient; repository: string; tag: string };
  signal?: AbortSignal;
  /** told of bytes as they come from the source */
  onBytes?(count: number): void;
}

/** What was copied. @public */
export interface CopyResult {
  digest: string;
  mediaType: string;
  /** of the whole image, all platforms, each digest once */
  sizeBytes: number;
  /** blob bytes that crossed the wire */
  bytesMoved: number;
  platforms: string[];
  images: PlatformImage[];
}

/**
 * Copies an image or index byte for byte: blobs first, then children, the tag
 * last, so that a reader never sees a tag whose parts are missing, whenever the
 * process dies (OCI distribution-spec, Pushing Manifests).
 *
 * @throws RegistryError - a part could not be read or written; no tag was moved
 * @public
 */
export async function copyImage(options: CopyOptions): Promise<CopyResult> {
  const { source, target, signal } = options;
  const root = await source.client.getManifest(
    source.repository,
    source.reference,
    { signal },
  );
  const copy = new Copy(options);
  await copy.parts(root);
  await target.client.putManifest(
    target.repository,
    target.tag,
    root.bytes,
    root.descriptor.mediaType,
    { signal },
  );
  // Read where it now lies: the source may be far away or count its reads
  const resolved = await resolveImage(
    {
      client: target.client,
      repository: target.repository,
      reference: root.descriptor.digest,
    },
    { signal },
  );
  return {
    digest: root.descriptor.digest,
    mediaType: root.descriptor.mediaType,
    sizeBytes: resolved.sizeBytes,
    bytesMoved: copy.bytesMoved,
    platforms: resolved.images.map(image => image.platform),
    images: resolved.images,
  };
}

class Copy {
  readonly #options: CopyOptions;
  readonly #done = new Set<string>();
  bytesMoved = 0;

  constructor(options: CopyOptions) {
    this.#options = options;
  }

  /** Brings everything below a manifest to the target, the manifest not. */
  async parts(fetched: FetchedManifest): Promise<void> {
    if (isIndex(fetched.descriptor.mediaType)) {
      for (const child of (fetched.manifest as ImageIndex).manifests) {
        await this.#child(child);
      }
      return;
    }
    const { config, layers } = fetched.manifest as ImageManifest;
    const blobs = [config, ...layers].filter(
      blob => !isNonDistributable(blob.mediaType),
    );
    await this.#blobs(blobs);
  }

  async #child(child: Descriptor): Promise<void> {
    if (this.#done.has(child.digest)) {
      return;
    }
    this.#done.add(child.digest);
    if (!isManifest(child.mediaType)) {
      await this.#blob(child);
      return;
    }
    const { source, target, signal } = this.#options;
    const fetched = await source.client.getManifest(
      source.repository,
      child.digest,
      { signal },
    );
    await this.parts(fetched);
    await target.client.putManifest(
      target.repository,
      child.digest,
      fetched.bytes,
      fetched.descriptor.mediaType,
      { signal },
    );
  }

  async #blobs(blobs: Descriptor[]): Promise<void> {
    const wanted = blobs.filter(blob => !this.#done.has(blob.digest));
    wanted.forEach(blob => this.#done.add(blob.digest));
    const queue = [
      ...new Map(wanted.map(blob => [blob.digest, blob])).values(),
    ];
    const results = await Promise.allSettled(
      Array.from({ length: PARALLEL_BLOBS }, async () => {
        for (let blob = queue.shift(); blob; blob = queue.shift()) {
          try {
            await this.#blob(blob);
          } catch (error) {
            queue.length = 0;
            throw error;
          }
        }
      }),
    );
    const failed = results.find(result => result.status === 'rejected');
    if (failed) {
      throw failed.reason;
    }
  }

  async #blob(blob: Descriptor): Promise<void> {
    const { source, target, signal, onBytes } = this.#options;
    if (
      await target.client.headBlob(target.repository, blob.digest, { signal })
    ) {
      return;
    }
    if (
      source.client.host === target.client.host &&
      (await target.client.mountBlob(
        target.repository,
        blob.digest,
        source.repository,
        { signal },
      ))
    ) {
      return;
    }
    await target.client.putBlob(
      target.repository,
      blob,
      () =>
        source.client.getBlob(source.repository, blob, {
          signal,
          onBytes: count => {
            this.bytesMoved += count;
            onBytes?.(count);
          },
        }),
      { signal },
    );
  }
}
