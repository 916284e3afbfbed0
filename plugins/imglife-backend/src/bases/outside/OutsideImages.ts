import {
  ConflictError,
  InputError,
  NotFoundError,
  ServiceUnavailableError,
} from '@backstage/errors';
import { RegistryError, resolveImage, type ResolvedImage } from '@imglife/oci';
import type { BaseDefinition } from '../../definitions/Definitions';
import type { Registries } from '../../registries/Registries';
import {
  BASE_DIGEST_LABEL,
  BASE_NAME_LABEL,
  INPUT_HASH_LABEL,
} from '../baseLabels';
import type { BaseTagPlan, PreparedBase } from '../BaseTagPlan';
import { imageFault, pullFault, resolveMirror } from '../imageFault';

const READ_TIMEOUT_MS = 20_000;

/** Reads and checks images that somebody else has pushed. */
export class OutsideImages {
  readonly #registries: Pick<Registries, 'clientFor'>;
  readonly #timeoutMs: number;

  /** @param options - `timeoutMs`: of one image with all it holds */
  static create(options: {
    registries: Pick<Registries, 'clientFor'>;
    timeoutMs?: number;
  }): OutsideImages {
    return new OutsideImages(options);
  }

  private constructor(options: {
    registries: Pick<Registries, 'clientFor'>;
    timeoutMs?: number;
  }) {
    this.#registries = options.registries;
    this.#timeoutMs = options.timeoutMs ?? READ_TIMEOUT_MS;
  }

  /**
   * What stands under a tag, when it is that digest.
   *
   * @throws NotFoundError - there is no such tag
   * @throws ConflictError - it has another digest
   * @throws InputError - it is no image
   * @throws ServiceUnavailableError - the registry cannot be read just now
   */
  async read(
    { definition, repository: name, tag }: BaseTagPlan,
    digest: string,
  ): Promise<ResolvedImage> {
    const { registry, repository } = definition.target;
    const client = this.#registries.clientFor(registry);
    const reference = `${name}:${tag}`;
    return this.#asking(registry, async signal => {
      const found = await client.headManifest(repository, tag, { signal });
      if (!found) {
        throw new NotFoundError(
          `reference: ${reference} does not exist at its registry; push it first`,
        );
      }
      if (found.digest !== digest) {
        throw new ConflictError(
          `digest: ${reference} is ${found.digest} at its registry and not ${digest}`,
        );
      }
      return resolveImage(
        { client, repository, reference: digest },
        { signal },
      );
    });
  }

  /**
   * Its labels name inputs and mirror, the mirror's layers are the first of
   * every platform, more follow, and all of them are there.
   *
   * @throws InputError - says which is not so
   * @throws ServiceUnavailableError - the mirror cannot be read just now
   */
  async check(
    image: ResolvedImage,
    { definition, mirrorTag, repository, tag }: BaseTagPlan,
    prepared: PreparedBase,
  ): Promise<void> {
    const [host] = mirrorTag.repository.split('/', 1);
    const mirror = await this.#asking(host, signal =>
      resolveMirror(mirrorTag, this.#registries, signal),
    );
    const fault = imageFault(image, {
      mirror,
      from: prepared.from,
      platforms: mirrorTag.platforms,
      labels: {
        [INPUT_HASH_LABEL]: prepared.inputHash,
        [BASE_NAME_LABEL]: prepared.mirrorReference,
        [BASE_DIGEST_LABEL]: mirrorTag.digest,
      },
      annotations: {},
    });
    const damage = fault ?? (await this.#pullFault(definition, image));
    if (damage) {
      throw new InputError(
        `reference: ${repository}:${tag} is an image that ${damage}; it does not count as a base`,
      );
    }
  }

  async #pullFault(
    { target }: BaseDefinition,
    { descriptor }: ResolvedImage,
  ): Promise<string | undefined> {
    const { registry, repository } = target;
    const client = this.#registries.clientFor(registry);
    const reference = descriptor.digest;
    return this.#asking(registry, signal =>
      pullFault({ client, repository, reference }, signal),
    );
  }

  async #asking<T>(
    host: string,
    ask: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const signal = AbortSignal.timeout(this.#timeoutMs);
    try {
      return await ask(signal);
    } catch (error) {
      if (error instanceof RegistryError || signal.aborted) {
        throw registryFault(host, error);
      }
      throw error;
    }
  }
}

function registryFault(host: string, error: unknown): Error {
  const isImages =
    error instanceof RegistryError &&
    !error.retryable &&
    (error.status === undefined || error.status === 404);
  return isImages
    ? new InputError(`reference: no whole image: ${error.message}`)
    : new ServiceUnavailableError(
        `the registry ${host} cannot be read just now: ${error}; report it again`,
      );
}
