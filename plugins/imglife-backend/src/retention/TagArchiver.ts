import { InputError } from '@backstage/errors';
import {
  BlobLedger,
  copyImage,
  copyReferrers,
  formatRepository,
  RegistryError,
} from '@imglife/oci';
import type { RepositoryName } from '../definitions/Definitions';
import type { Registries } from '../registries/Registries';
import type { RunContext } from '../runs/RunContext';
import { archiveRepository, archiveTags } from './archiveTags';

/** Which image is copied. */
export interface ArchivedImage {
  name: RepositoryName;
  tag: string;
  digest: string;
}

/** Keeps copies of images before they are deleted, and brings them back. */
export class TagArchiver {
  readonly #registries: Pick<Registries, 'clientFor'>;
  readonly #ledger = BlobLedger.create();

  static create(options: {
    registries: Pick<Registries, 'clientFor'>;
  }): TagArchiver {
    return new TagArchiver(options.registries);
  }

  private constructor(registries: Pick<Registries, 'clientFor'>) {
    this.#registries = registries;
  }

  /**
   * Copies an image with its referrers; the copy has its digest when this
   * returns. One that is there already is not copied again.
   *
   * @param to - `host/path` of the archive
   * @returns `host/path:tag` of the copy; undefined: the image is gone, and no
   *   copy was ever made
   * @throws InputError - the archive has other images under both of its tags
   * @throws RegistryError - the copy failed, or has another digest
   */
  async archive(
    image: ArchivedImage,
    to: RepositoryName,
    context: RunContext,
  ): Promise<string | undefined> {
    const place = archiveRepository(to, image.name);
    const { tag, isThere } = await this.#freeTag(image, place, context);
    const source = {
      client: this.#registries.clientFor(image.name.registry),
      repository: image.name.repository,
      reference: image.digest,
    };
    const { signal } = context;
    const found = await source.client.headManifest(
      source.repository,
      image.digest,
      { signal },
    );
    if (!found) {
      return isThere ? `${formatRepository(place)}:${tag}` : undefined;
    }
    if (isThere) {
      // signatures may have come since
      const client = this.#registries.clientFor(place.registry);
      const target = { client, repository: place.repository };
      await copyReferrers({ source, target, ledger: this.#ledger, signal });
    } else {
      await this.copy(image, { from: image.name, to: place, tag }, context);
    }
    return `${formatRepository(place)}:${tag}`;
  }

  /**
   * Copies an image by its digest, with its referrers, and looks at what is
   * there afterwards.
   *
   * @throws RegistryError - the copy failed, or has another digest
   */
  async copy(
    { digest }: Pick<ArchivedImage, 'digest'>,
    way: { from: RepositoryName; to: RepositoryName; tag: string },
    context: RunContext,
  ): Promise<void> {
    const { from, to, tag } = way;
    const { signal } = context;
    const client = this.#registries.clientFor(to.registry);
    const target = { client, repository: to.repository, tag };
    await copyImage({
      source: {
        client: this.#registries.clientFor(from.registry),
        repository: from.repository,
        reference: digest,
      },
      target,
      referrers: true,
      ledger: this.#ledger,
      signal,
      onBytes: bytes => context.progress({ bytes }),
    });
    const copied = await client.headManifest(to.repository, tag, { signal });
    if (copied?.digest !== digest) {
      throw new RegistryError(
        `the copy has ${copied?.digest ?? 'no digest'} instead of ${digest}`,
        { host: client.host, repository: to.repository, reference: tag },
      );
    }
  }

  async #freeTag(
    { tag, digest }: ArchivedImage,
    place: RepositoryName,
    { signal }: RunContext,
  ): Promise<{ tag: string; isThere: boolean }> {
    const client = this.#registries.clientFor(place.registry);
    const names = archiveTags(tag, digest);
    const found = await Promise.all(
      names.map(async name => ({
        tag: name,
        digest: (
          await client.headManifest(place.repository, name, { signal })
        )?.digest,
      })),
    );
    const same = found.find(each => each.digest === digest);
    const free = found.find(each => each.digest === undefined);
    const chosen = same ?? free;
    if (!chosen) {
      throw new InputError(
        `${formatRepository(place)} has other images as ${names.join(
          ' and ',
        )}; nothing was overwritten`,
      );
    }
    return { tag: chosen.tag, isThere: chosen === same };
  }
}
