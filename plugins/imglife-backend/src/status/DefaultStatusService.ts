import { InputError, NotFoundError } from '@backstage/errors';
import type {
  Adoption,
  AdoptionQuery,
  ApplicationRow,
  BaseRow,
  CheckQuery,
  EntityImages,
  HistoryEntry,
  HistoryQuery,
  Lineage,
  LineageQuery,
  MirrorRow,
  Page,
  RegistrationAnswer,
  ReportFormat,
  ReportQuery,
  Summary,
  TierQuery,
  Transition,
  TransitionQuery,
  Verdict,
} from '@imglife/backstage-plugin-imglife-common';
import {
  formatReference,
  formatRepository,
  InvalidReferenceError,
  parseReference,
  parseRepository,
  type RepositoryReference,
} from '@imglife/oci';
import type { DefinitionFiles } from '../definitions/DefinitionFiles';
import type { Definitions } from '../definitions/Definitions';
import { keptFor } from '../keptFor';
import type { LifecycleService } from '../lifecycle/LifecycleService';
import type { Registries } from '../registries/Registries';
import type { AdoptionReader } from './AdoptionReader';
import { adoptionFilter, parseBaseFilter, type BaseFilter } from './baseFilter';
import { SCRATCH, type BaseChecker, type CheckInput } from './BaseChecker';
import type { DatabaseStatusStore } from './DatabaseStatusStore';
import type { LineageReader } from './LineageReader';
import type { HistoryReader } from './HistoryReader';
import { report, reportedTiers, type ReportSource } from './report';
import type { StatusService } from './StatusService';
import { splitReference } from './taggedReference';
import type { TransitionReader } from './TransitionReader';

const SUMMARY_MS = 10_000;
const MAX_ENTITY_IMAGES = 500;
const SEVERITY = ['critical', 'warning', 'unknown', 'ok'];

/** What {@link DefaultStatusService} works with. */
export interface DefaultStatusServiceOptions {
  store: DatabaseStatusStore;
  checker: BaseChecker;
  lineage: LineageReader;
  adoption: AdoptionReader;
  transitions: TransitionReader;
  history: HistoryReader;
  lifecycle: LifecycleService;
  registries: Registries;
  definitions: Definitions;
  /** newest successful end of runs, by kind */
  lastFinished(): Promise<{ sync?: string; build?: string; scan?: string }>;
  definitionFiles: Pick<DefinitionFiles, 'states'>;
  now: () => Date;
}

/** {@link StatusService} over the stored state of all tiers. */
export class DefaultStatusService implements StatusService {
  readonly #options: DefaultStatusServiceOptions;
  readonly #summary: () => Promise<Summary>;

  static create(options: DefaultStatusServiceOptions): DefaultStatusService {
    return new DefaultStatusService(options);
  }

  private constructor(options: DefaultStatusServiceOptions) {
    this.#options = options;
    this.#summary = keptFor(SUMMARY_MS, options.now, () => this.#readSummary());
  }

  async summary(): Promise<Summary> {
    return this.#summary();
  }

  async base(reference: string): Promise<BaseRow> {
    const { bases } = await this.#options.store.lineage([reference]);
    if (!bases.length) {
      throw new NotFoundError(`There is no base ${reference}`);
    }
    return bases[0];
  }

  async listMirrors(query: TierQuery): Promise<Page<MirrorRow>> {
    return this.#options.store.mirrors(this.#exact(query));
  }

  async listBases(asked: TierQuery): Promise<Page<BaseRow>> {
    const { store, registries } = this.#options;
    const query = this.#exact(asked);
    if (query.base === undefined) {
      return store.bases(query);
    }
    const base = parseBaseFilter(
      query.base,
      name => registries.canonical(name),
      () => undefined,
    );
    return store.bases(query, base);
  }

  async listApplications(query: TierQuery): Promise<Page<ApplicationRow>> {
    return this.#options.store.applications(
      this.#exact(query),
      await this.#standingOn(query.base),
    );
  }

  /** The query with the reference as it is stored. */
  #exact(query: TierQuery): TierQuery {
    if (query.reference === undefined) {
      return query;
    }
    const reference = this.#reference('reference', query.reference);
    if (!splitReference(reference)[1]) {
      throw new InputError(
        `reference: ${query.reference} has no tag, one image has`,
      );
    }
    return { ...query, reference };
  }

  /** What stands on a base, whatever the base is called. */
  async #standingOn(base: string | undefined): Promise<BaseFilter | undefined> {
    if (base === undefined) {
      return undefined;
    }
    const { registries, lifecycle } = this.#options;
    const known = await lifecycle.load();
    return parseBaseFilter(
      base,
      name => registries.canonical(name),
      name =>
        known.productOf({
          registry: 'docker.io',
          repository: `library/${name}`,
        }) ?? known.productOf({ registry: '', repository: '' }, name),
    );
  }

  async check(query: CheckQuery): Promise<Verdict> {
    const image =
      query.application && this.#reference('application', query.application);
    return this.#options.checker.check({ ...this.#named(query), image });
  }

  #named({
    base,
    digest,
  }: CheckQuery): Pick<CheckInput, 'reference' | 'digest'> {
    if (base === SCRATCH) {
      if (digest) {
        throw new InputError('digest: scratch has no digest, leave it out');
      }
      return { reference: SCRATCH };
    }
    // a name without a tag is not `latest` when a digest tells which it is
    const exact = digest && !base.includes('@') ? `${base}@${digest}` : base;
    const reference = this.#reference('base', exact);
    const within = parseReference(exact).digest;
    if (digest && within !== digest) {
      throw new InputError(
        `digest: ${digest} is not the digest in base, ${within}; give one of them`,
      );
    }
    return { reference, digest: within };
  }

  async entityImages(entityRef: string): Promise<EntityImages> {
    const { store } = this.#options;
    const { items } = await store.applications({
      entityRef,
      limit: MAX_ENTITY_IMAGES,
    });
    const images = [...items].sort(
      (a, b) => SEVERITY.indexOf(a.status) - SEVERITY.indexOf(b.status),
    );
    const references = images
      .flatMap(image => [image, ...(image.platformBases ?? [])])
      .map(({ base }) => base?.reference)
      .filter(reference => reference !== undefined);
    return {
      entityRef,
      images,
      ...(await store.lineage([...new Set(references)])),
    };
  }

  async registrationAnswer(reference: string): Promise<RegistrationAnswer> {
    const colon = reference.lastIndexOf(':');
    const row = await this.#options.store.application(
      reference.slice(0, colon),
      reference.slice(colon + 1),
    );
    if (!row) {
      throw new NotFoundError(`${reference} is not registered`);
    }
    const verdict = await this.#options.checker.verdictOf(row);
    return {
      ...row,
      verdict: { ...verdict, warnings: [...verdict.warnings, ...row.notes] },
    };
  }

  async lineage(query: LineageQuery): Promise<Lineage> {
    const reference = this.#reference('reference', query.reference);
    const { digest } = parseReference(query.reference);
    return this.#options.lineage.read({ ...query, reference, digest });
  }

  async adoption(query: AdoptionQuery): Promise<Adoption> {
    const base = await this.#standingOn(query.base);
    return this.#options.adoption.read(
      query,
      base && adoptionFilter(base, query.base!),
    );
  }

  async transitions(query: TransitionQuery): Promise<Page<Transition>> {
    return this.#options.transitions.list(
      query,
      await this.#standingOn(query.base),
    );
  }

  async history(query: HistoryQuery): Promise<Page<HistoryEntry>> {
    const repository = this.#canonical('repository', () =>
      parseRepository(query.repository),
    );
    return this.#options.history.read({
      ...query,
      repository: formatRepository(repository),
    });
  }

  async report(
    format: ReportFormat,
    query: ReportQuery,
  ): Promise<AsyncIterable<string>> {
    const source: ReportSource = {
      mirrors: asked => this.listMirrors(asked),
      bases: asked => this.listBases(asked),
      applications: asked => this.listApplications(asked),
    };
    const { tier, ...filters } = query;
    // what cannot be answered is told before the first byte has gone
    for (const each of reportedTiers(query)) {
      await source[each]({ ...filters, limit: 1 });
    }
    const { warnDays } = this.#options.definitions.policy;
    return report(source, format, { query, warnDays });
  }

  async #readSummary(): Promise<Summary> {
    const { store, lifecycle, lastFinished, definitionFiles } = this.#options;
    const [counts, data, last, definitions] = await Promise.all([
      store.counts(),
      lifecycle.load(),
      lastFinished(),
      definitionFiles.states(),
    ]);
    return {
      ...counts,
      data: {
        lifecycleAgeDays: data.ageDays ?? null,
        lastSyncAt: last.sync ?? null,
        lastBuildAt: last.build ?? null,
        lastScanAt: last.scan ?? null,
      },
      definitions,
    };
  }

  /** `host/path[:tag]` with aliases replaced. */
  #reference(field: string, text: string): string {
    let tag: string | undefined;
    const name = this.#canonical(field, () => {
      const reference = parseReference(text);
      tag = reference.tag;
      return reference;
    });
    return formatReference({ ...name, ...(tag && { tag }) });
  }

  #canonical(
    field: string,
    parse: () => RepositoryReference,
  ): RepositoryReference {
    try {
      const { registry, repository } = parse();
      return this.#options.registries.canonical({ registry, repository });
    } catch (error) {
      if (error instanceof InvalidReferenceError) {
        throw new InputError(`${field}: ${error.message}`);
      }
      throw error;
    }
  }
}
