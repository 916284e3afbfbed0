import type { BlobBody, Descriptor } from '@imglife/oci';
import type { BuiltImage, Content } from './assembleImage';
import type { Place } from './SourceImages';

/**
 * Brings an image's parts to a repository: blobs before the manifest that
 * names them, each digest once, and only what is not there.
 */
export class BlobPusher {
  readonly #source: Place;
  readonly #target: Place;
  readonly #signal: AbortSignal;
  readonly #present = new Map<string, Promise<void>>();

  static create(options: {
    /** where the mirror's layers are */
    source: Place;
    target: Place;
    signal: AbortSignal;
  }): BlobPusher {
    return new BlobPusher(options);
  }

  private constructor(options: {
    source: Place;
    target: Place;
    signal: AbortSignal;
  }) {
    this.#source = options.source;
    this.#target = options.target;
    this.#signal = options.signal;
  }

  /** Pushes the image of one platform, by digest only. */
  async pushImage({ mirror, image }: BuiltImage): Promise<void> {
    const { bytes, descriptor } = image.config;
    await Promise.all([
      this.bringLayers(mirror.manifest.layers),
      ...image.layers.map(layer => this.pushBlob(layer.descriptor, layer.body)),
      this.pushBlob(descriptor, () => bytes),
    ]);
    await this.pushManifest(image.manifest);
  }

  /** Mounts or copies layers of the mirror. */
  async bringLayers(layers: ReadonlyArray<Descriptor>): Promise<void> {
    await Promise.all(
      layers.map(layer => this.#once(layer.digest, () => this.#bring(layer))),
    );
  }

  /** Pushes a blob unless it is there. */
  async pushBlob(descriptor: Descriptor, body: BlobBody): Promise<void> {
    await this.#once(descriptor.digest, async () => {
      if (!(await this.#isThere(descriptor.digest))) {
        const { client, repository } = this.#target;
        await client.putBlob(repository, descriptor, body, {
          signal: this.#signal,
        });
      }
    });
  }

  async pushManifest({ bytes, descriptor }: Content): Promise<void> {
    const { client, repository } = this.#target;
    await client.putManifest(
      repository,
      descriptor.digest,
      bytes,
      descriptor.mediaType,
      { signal: this.#signal },
    );
  }

  #once(digest: string, work: () => Promise<void>): Promise<void> {
    const known = this.#present.get(digest) ?? work();
    this.#present.set(digest, known);
    return known;
  }

  async #isThere(digest: string): Promise<boolean> {
    const { client, repository } = this.#target;
    return Boolean(
      await client.headBlob(repository, digest, { signal: this.#signal }),
    );
  }

  async #bring(layer: Descriptor): Promise<void> {
    const [source, target] = [this.#source, this.#target];
    const options = { signal: this.#signal };
    if (await this.#isThere(layer.digest)) {
      return;
    }
    const mounted =
      source.client === target.client &&
      (await target.client.mountBlob(
        target.repository,
        layer.digest,
        source.repository,
        options,
      ));
    if (!mounted) {
      await target.client.putBlob(
        target.repository,
        layer,
        () => source.client.getBlob(source.repository, layer, options),
        options,
      );
    }
  }
}
