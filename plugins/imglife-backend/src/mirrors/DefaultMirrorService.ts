import type { LoggerService } from '@backstage/backend-plugin-api';
import { InputError, stringifyError } from '@backstage/errors';
import { BlobLedger, BlobPlaces, formatRepository } from '@imglife/oci';
import { eachAtOnce } from '../eachAtOnce';
import type { Definitions, MirrorDefinition } from '../definitions/Definitions';
import type { ImageEvents } from '../hooks/ImageEvents';
import type { LifecycleService } from '../lifecycle/LifecycleService';
import type { Registries } from '../registries/Registries';
import type { RunContext, RunHandler } from '../runs/RunContext';
import type { StatusRecomputer } from '../status/StatusRecomputer';
import { MirrorSync } from './MirrorSync';
import type { MirrorStore } from './MirrorStore';
import { tellWebhooks } from './tellWebhooks';

const MIRRORS_AT_ONCE = 3;

/** What {@link DefaultMirrorService} works with. */
export interface DefaultMirrorServiceOptions {
  /** `verify` asks upstream of every tag, and looks for damage; default `sync` */
  kind?: 'sync' | 'verify';
  definitions: Definitions;
  registries: Registries;
  store: MirrorStore;
  /** shared by all that copy in this process */
  places?: BlobPlaces;
  lifecycle: LifecycleService;
  recomputer: StatusRecomputer;
  /** undefined: nobody is told */
  imageEvents?: ImageEvents;
  now: () => Date;
  logger: LoggerService;
}

/** Tier 1: brings mirrors up to date with their upstreams. */
export class DefaultMirrorService implements RunHandler {
  readonly kind: 'sync' | 'verify';
  readonly #options: DefaultMirrorServiceOptions;

  static create(options: DefaultMirrorServiceOptions): DefaultMirrorService {
    return new DefaultMirrorService(options);
  }

  private constructor(options: DefaultMirrorServiceOptions) {
    this.kind = options.kind ?? 'sync';
    this.#options = options;
  }

  /**
   * Syncs the mirror that is the run's target, or all. A mirror whose upstream
   * cannot be listed is a failed item, and the others go on.
   *
   * @throws InputError - the target is not declared
   */
  async run(context: RunContext): Promise<void> {
    const mirrors = this.#wanted(context.target);
    const { store, places } = this.#options;
    const ledger = BlobLedger.create({
      places,
      recorded: (host, digests) => store.findContent(host, digests),
    });
    let changed = false;
    await eachAtOnce(mirrors, MIRRORS_AT_ONCE, async mirror => {
      context.signal.throwIfAborted();
      changed = (await this.#sync(mirror, context, ledger)) || changed;
    });
    if (changed && !context.dryRun) {
      await this.#options.recomputer.recompute('mirrors synced');
    }
  }

  #wanted(target: string | undefined): MirrorDefinition[] {
    const { entries } = this.#options.definitions.mirrors;
    if (target === undefined) {
      return entries;
    }
    const mirror = entries.find(entry => entry.name === target);
    if (!mirror) {
      throw new InputError(
        `mirror ${JSON.stringify(
          target,
        )} is not declared under imglife.mirrors.entries`,
      );
    }
    return [mirror];
  }

  async #sync(
    mirror: MirrorDefinition,
    context: RunContext,
    ledger: BlobLedger,
  ): Promise<boolean> {
    try {
      const { changed, changes } = await MirrorSync.create({
        ...this.#options,
        mirror,
        context,
        ledger,
        lifecycle: await this.#options.lifecycle.load(),
      }).run();
      for (const change of changes) {
        this.#options.imageEvents?.publish('imglife.mirror.moved', {
          mirror: mirror.name,
          ...change,
        });
      }
      await tellWebhooks(mirror, changes, context);
      return changed;
    } catch (error) {
      context.signal.throwIfAborted();
      const message = stringifyError(error);
      context.log(`${mirror.name}: ${message}`);
      context.item({
        reference: formatRepository(mirror.target),
        action: 'list',
        reason: `upstream ${formatRepository(mirror.source)}`,
        state: 'failed',
        error: message,
      });
      return false;
    }
  }
}
