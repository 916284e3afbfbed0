import type {
  ApplicationRow,
  Exemption,
  Verdict,
} from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import { tagOfDigest } from '../database/tagOfDigest';
import type {
  BaseTagTable,
  BaseUseTable,
  ImageDigestTable,
  MirrorTagTable,
} from '../database/tables';
import { UNKNOWN } from '../applications/baseUse';
import { exemptionOf } from '../applications/exemptionOf';
import type { Definitions } from '../definitions/Definitions';
import type { LifecycleService } from '../lifecycle/LifecycleService';
import { advice, notes, warnings, type AdviceFacts } from './advice';
import { Judge, mirrorsByReference } from './judgeRows';
import { mirroredAs, mirrorsBySource } from './mirroredAs';
import { PublishedBases, referenceOf } from './PublishedBases';

/** `FROM scratch`: nothing to judge. */
export const SCRATCH = 'scratch';

/** What is asked. */
export interface CheckInput {
  /** `host/path[:tag]`, canonical; or `scratch` */
  reference: string;
  digest?: string;
  /** the image that is built on it, for exemptions */
  image?: string;
  project?: string;
}

/** What {@link BaseChecker} works with. */
export interface BaseCheckerOptions {
  knex: Knex;
  lifecycle: LifecycleService;
  definitions: Definitions;
  now: () => Date;
}

/** Gives verdicts on single bases, with advice. Reads only what one needs. */
export class BaseChecker {
  readonly #options: BaseCheckerOptions;

  static create(options: BaseCheckerOptions): BaseChecker {
    return new BaseChecker(options);
  }

  private constructor(options: BaseCheckerOptions) {
    this.#options = options;
  }

  /** The verdict on a base as someone names it. */
  async check(input: CheckInput): Promise<Verdict> {
    const exemption = exemptionOf(
      { image: input.image, project: input.project, base: input.reference },
      this.#options.definitions.policy.exemptions,
      this.#options.now(),
    );
    if (input.reference === SCRATCH) {
      return this.#judge(SCRATCH, undefined, 'none', exemption);
    }
    const reference = await this.#withTag(input);
    return this.#judge(reference, input.digest, undefined, exemption);
  }

  /** The verdict on the base of a registered application. */
  async verdictOf(row: ApplicationRow): Promise<Verdict> {
    const use = await this.#useOf(row);
    return this.#judge(
      // stored as empty where an image stands on nothing
      (use?.reference ?? row.base?.reference ?? UNKNOWN) || SCRATCH,
      use?.digest || row.base?.digest || undefined,
      use?.tier,
      row.exemption ?? undefined,
    );
  }

  async #judge(
    reference: string,
    digest: string | undefined,
    recordedTier: BaseUseTable['tier'] | undefined,
    exemption: Exemption | undefined,
  ): Promise<Verdict> {
    const { knex, definitions, lifecycle, now } = this.#options;
    const own = await one<BaseTagTable>(knex, 'base_tag', reference);
    const mirror = await one<MirrorTagTable>(
      knex,
      'mirror_tag',
      own?.mirror_reference ?? reference,
    );
    const bases = PublishedBases.of(
      own
        ? await knex<BaseTagTable>('base_tag').where({
            name: own.name,
            family: own.family,
          })
        : await this.#insteadOf(reference, mirror),
    );
    const judge = new Judge({
      definitions,
      lifecycle: await lifecycle.load(),
      bases,
      mirrors: mirrorsByReference(mirror ? [mirror] : []),
      now: now(),
    });
    const tier = recordedTier ?? this.#tierOf(reference);
    const judged = judge.use(
      {
        reference,
        tier,
        digest,
        presentDigests: own && (await this.#digestsOf(own)),
      },
      exemption,
    );
    const latest = bases
      .all()
      .find(row => referenceOf(row) === judged.freshness.latest);
    return toVerdict(reference, judged, exemption, {
      latestEolDate: aheadOf(now(), latest?.eol_date),
      warnDays: definitions.policy.warnDays,
      withdrawal: own?.withdrawal ? JSON.parse(own.withdrawal) : undefined,
      digest,
    });
  }

  /** The bases on the mirror, or on the mirror of that upstream image. */
  async #insteadOf(
    reference: string,
    mirror: MirrorTagTable | undefined,
  ): Promise<BaseTagTable[]> {
    const { knex, definitions } = this.#options;
    const place =
      mirror ??
      mirroredAs(reference, mirrorsBySource(definitions.mirrors.entries));
    if (!place) {
      return [];
    }
    const below = `${place.repository}:`;
    return knex<BaseTagTable>('base_tag')
      .where({ family: place.family })
      .whereRaw('substr(mirror_reference, 1, ?) = ?', [below.length, below]);
  }

  // A reference below the tier of bases that nobody published is a mistake of
  // writing rather than somebody else's image.
  #tierOf(reference: string): BaseUseTable['tier'] {
    const { registry, repository } = this.#options.definitions.tiers.bases;
    return reference.startsWith(`${registry}/${repository}/`)
      ? 'bases'
      : 'other';
  }

  /** A name without a tag is resolved by the digest. */
  async #withTag(input: CheckInput): Promise<string> {
    const { reference, digest } = input;
    if (!digest || /:[^/]+$/.test(reference)) {
      return reference;
    }
    const tag = await tagOfDigest(this.#options.knex, reference, digest);
    return tag ? `${reference}:${tag}` : reference;
  }

  async #useOf(row: ApplicationRow): Promise<BaseUseTable | undefined> {
    return this.#options
      .knex('application')
      .join('verdict', 'verdict.id', 'application.verdict_id')
      .join('base_use', 'base_use.id', 'verdict.base_use_id')
      .where({
        'application.repository': row.repository,
        'application.tag': row.tag,
      })
      .first('base_use.*');
  }

  async #digestsOf(base: BaseTagTable): Promise<Set<string>> {
    const rows = await this.#options
      .knex<ImageDigestTable>('image_digest')
      .where({
        repository: base.repository,
        tag: base.tag,
        root_digest: base.digest ?? '',
      })
      .select('digest');
    return new Set(rows.map(row => row.digest));
  }
}

async function one<T>(
  knex: Knex,
  table: string,
  reference: string,
): Promise<T | undefined> {
  const colon = reference.lastIndexOf(':');
  return colon > reference.lastIndexOf('/')
    ? knex(table)
        .where({
          repository: reference.slice(0, colon),
          tag: reference.slice(colon + 1),
        })
        .first()
    : undefined;
}

/** A date that has not come yet: nothing is supported until one that has. */
function aheadOf(
  now: Date,
  day: string | null | undefined,
): string | undefined {
  return day && day > now.toISOString().slice(0, 10) ? day : undefined;
}

function toVerdict(
  base: string,
  judged: ReturnType<Judge['use']>,
  exemption: Exemption | undefined,
  known: Pick<
    AdviceFacts,
    'latestEolDate' | 'warnDays' | 'withdrawal' | 'digest'
  >,
): Verdict {
  const { freshness, support, policy, cycles, name } = judged;
  const facts = {
    base,
    freshness: freshness.freshness,
    latest: freshness.latest ?? null,
    latestInCycle: freshness.latestInCycle ?? null,
    graceUntil: policy.graceUntil ?? null,
    support: support.support,
    eolDate: support.eolDate ?? null,
    eol: support.eol,
    state: judged.state ?? null,
  };
  const written = { ...facts, ...known };
  return {
    ...facts,
    name: name ?? null,
    kind: (judged.kind as Verdict['kind']) ?? null,
    cycle: cycles.cycle ?? cycles.osCycle ?? null,
    outdatedSince: freshness.outdatedSince ?? null,
    upToDate: ['current', 'superseded', 'none'].includes(freshness.freshness),
    status: policy.status,
    violations: policy.violations,
    exemption: exemption ?? null,
    advice: advice(written) ?? null,
    warnings: warnings(written),
    notes: notes(written),
  };
}
