import { stringifyError } from '@backstage/errors';
import { RegistryError } from '@imglife/oci';
import type { Definitions } from '../definitions/Definitions';
import { eachAtOnce } from '../eachAtOnce';
import type { Registries } from '../registries/Registries';
import type { RunContext, RunHandler } from '../runs/RunContext';
import type { StatusRecomputer } from '../status/StatusRecomputer';
import type { ApplicationService } from './ApplicationService';
import type { ApplicationStore } from './ApplicationStore';
import { RepositoryScan } from './RepositoryScan';
import {
  applicationHosts,
  isApplicationPath,
  namedRepositories,
  splitRepository,
} from './scanScope';

const REPOSITORIES_AT_ONCE = 4;
// What registries without Docker's catalog, or without a right to it, answer
const NO_CATALOG = [401, 403, 404, 405, 501];

/** Takes up mirrors and bases that were there before us. */
export interface PathAdopter {
  /**
   * @param repository - the one path, `host/path`; default all of them
   * @returns whether a row was written that verdicts may depend on
   */
  adopt(context: RunContext, repository?: string): Promise<boolean>;
}

/** What {@link ApplicationScanner} works with. */
export interface ApplicationScannerOptions {
  definitions: Definitions;
  registries: Registries;
  store: ApplicationStore;
  applications: ApplicationService;
  adopter: PathAdopter;
  recomputer: StatusRecomputer;
  now: () => Date;
}

/**
 * Runs of kind `scan`: adopts what lies on the paths of mirrors and bases, then
 * walks the application paths. A registry or repository that fails is a failed
 * item, marks nothing gone, and does not stop the others.
 */
export class ApplicationScanner implements RunHandler {
  readonly kind = 'scan';
  readonly #options: ApplicationScannerOptions;

  static create(options: ApplicationScannerOptions): ApplicationScanner {
    return new ApplicationScanner(options);
  }

  private constructor(options: ApplicationScannerOptions) {
    this.#options = options;
  }

  async run(context: RunContext): Promise<void> {
    const { adopter, recomputer, store } = this.#options;
    let changed = await adopter.adopt(context);
    const found = await this.#catalogs(context);
    const known = await store.repositories();
    const { tiers } = this.#options.definitions;
    const all = [
      ...new Set([...found, ...known, ...namedRepositories(tiers)]),
    ].sort();
    const named = new Set([...found, ...known]);
    context.progress({ total: all.length });
    await eachAtOnce(all, REPOSITORIES_AT_ONCE, async repository => {
      context.signal.throwIfAborted();
      // a prefix is no repository: that it has no tags is no fault
      changed =
        (await this.#repository(repository, context, {
          mayBeAbsent: !named.has(repository),
        })) || changed;
      context.progress({ done: 1 });
    });
    if (changed && !context.dryRun) {
      await recomputer.recompute('scan');
    }
  }

  /** Looks at one image at once; nothing happens to what is no application. */
  async scanImage(
    image: { repository: string; tag: string },
    context: RunContext,
  ): Promise<void> {
    const { store, recomputer, definitions } = this.#options;
    const { repository, tag } = image;
    const isKnown = (await store.tagsOf(repository)).length > 0;
    if (!isKnown && !isApplicationPath(repository, definitions.tiers)) {
      return;
    }
    if (await this.#scan(repository, context).run(tag)) {
      await recomputer.recompute('image pushed');
    }
  }

  /** The repositories on application paths, of registries that list them. */
  async #catalogs(context: RunContext): Promise<string[]> {
    const { definitions, registries } = this.#options;
    const found: string[] = [];
    for (const host of applicationHosts(definitions.tiers)) {
      try {
        const client = registries.clientFor(host);
        const names = await client.listRepositories({ signal: context.signal });
        const inScope = names
          .map(name => `${client.host}/${name}`)
          .filter(name => isApplicationPath(name, definitions.tiers));
        context.log(
          `${host}: ${inScope.length} of ${names.length} repositories are on application paths`,
        );
        found.push(...inScope);
      } catch (error) {
        context.signal.throwIfAborted();
        this.#noCatalog(host, error, context);
      }
    }
    return found;
  }

  #noCatalog(host: string, error: unknown, context: RunContext): void {
    if (NO_CATALOG.includes(statusOf(error) ?? 0)) {
      context.log(
        `${host}: lists no repositories (${statusOf(
          error,
        )}); looked at are those registered there and those named in full under imglife.tiers.applications`,
      );
      return;
    }
    context.item({
      reference: host,
      action: 'list',
      reason: 'catalog',
      state: 'failed',
      error: stringifyError(error),
    });
  }

  async #repository(
    repository: string,
    context: RunContext,
    { mayBeAbsent }: { mayBeAbsent: boolean },
  ): Promise<boolean> {
    try {
      return await this.#scan(repository, context).run();
    } catch (error) {
      context.signal.throwIfAborted();
      if (!mayBeAbsent || statusOf(error) !== 404) {
        const message = stringifyError(error);
        context.log(`${repository}: ${message}`);
        context.item({
          reference: repository,
          action: 'list',
          reason: 'tags',
          state: 'failed',
          error: message,
        });
      }
      return false;
    }
  }

  #scan(repository: string, context: RunContext): RepositoryScan {
    const { definitions, registries } = this.#options;
    const name = splitRepository(repository);
    return RepositoryScan.create({
      ...this.#options,
      name,
      context,
      client: registries.clientFor(name.registry),
      discovers: isApplicationPath(repository, definitions.tiers),
    });
  }
}

function statusOf(error: unknown): number | undefined {
  return error instanceof RegistryError ? error.status : undefined;
}
