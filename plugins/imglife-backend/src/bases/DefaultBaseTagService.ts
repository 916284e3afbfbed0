import { InputError, NotFoundError } from '@backstage/errors';
import type {
  Withdrawal,
  WithdrawRequest,
} from '@imglife/backstage-plugin-imglife-common';
import {
  formatRepository,
  InvalidReferenceError,
  parseReference,
} from '@imglife/oci';
import type { Definitions } from '../definitions/Definitions';
import type { Registries } from '../registries/Registries';
import type { StatusRecomputer } from '../status/StatusRecomputer';
import type { BaseStore, BaseTag } from './BaseStore';
import type { BaseTagService } from './BaseTagService';

/** What {@link DefaultBaseTagService} works with. */
export interface DefaultBaseTagServiceOptions {
  definitions: Pick<Definitions, 'tiers'> & {
    bases: Pick<Definitions['bases'], 'entries'>;
  };
  registries: Pick<Registries, 'canonical'>;
  store: BaseStore;
  recomputer: StatusRecomputer;
  /** Queues a build of the base of that name, which moves floating tags. */
  queueBuild(name: string, actor: string): Promise<unknown>;
  now: () => Date;
}

interface TagName {
  /** `host/path` */
  repository: string;
  tag: string;
}

/** {@link BaseTagService} over the recorded bases. */
export class DefaultBaseTagService implements BaseTagService {
  readonly #options: DefaultBaseTagServiceOptions;

  static create(options: DefaultBaseTagServiceOptions): DefaultBaseTagService {
    return new DefaultBaseTagService(options);
  }

  private constructor(options: DefaultBaseTagServiceOptions) {
    this.#options = options;
  }

  async withdraw(request: WithdrawRequest, actor: string): Promise<string> {
    const { store, recomputer, now } = this.#options;
    const { reason } = request;
    const name = this.#name('reference', request.reference);
    const reference = `${name.repository}:${name.tag}`;
    const replacement =
      request.replacement === undefined
        ? null
        : await this.#replacement(request.replacement, reference);
    const row = await this.#published(name, reference);
    const before = row.withdrawal;
    if (before?.reason === reason && before.replacement === replacement) {
      return reference;
    }
    const withdrawal: Withdrawal = {
      reason,
      replacement,
      at: now().toISOString(),
      by: actor,
    };
    await store.recordWithdrawn(name.repository, name.tag, withdrawal);
    await recomputer.recompute('base withdrawn');
    await this.#moveFloating(name.repository, actor);
    return reference;
  }

  async #moveFloating(repository: string, actor: string): Promise<void> {
    const { definitions, queueBuild } = this.#options;
    const base = definitions.bases.entries.find(
      ({ target }) => formatRepository(target) === repository,
    );
    if (base?.floatingTags.length) {
      await queueBuild(base.name, actor);
    }
  }

  async #published(name: TagName, reference: string): Promise<BaseTag> {
    const row = await this.#options.store.baseTag(name.repository, name.tag);
    if (!row?.digest) {
      throw new NotFoundError(`No base ${reference} is published`);
    }
    return row;
  }

  async #replacement(text: string, withdrawn: string): Promise<string> {
    const name = this.#name('replacement', text);
    const reference = `${name.repository}:${name.tag}`;
    const { registry, repository } = this.#options.definitions.tiers.bases;
    const row = await this.#options.store.baseTag(name.repository, name.tag);
    const isBase = reference.startsWith(`${registry}/${repository}/`);
    if (reference === withdrawn || row?.withdrawal) {
      throw new InputError(`replacement: ${reference} is withdrawn itself`);
    }
    if (isBase && !row?.digest) {
      throw new InputError(`replacement: no base ${reference} is published`);
    }
    return reference;
  }

  #name(field: string, text: string): TagName {
    try {
      const { tag = 'latest', ...name } = parseReference(text);
      const repository = this.#options.registries.canonical(name);
      return { repository: formatRepository(repository), tag };
    } catch (error) {
      if (error instanceof InvalidReferenceError) {
        throw new InputError(`${field}: ${error.message}`);
      }
      throw error;
    }
  }
}
