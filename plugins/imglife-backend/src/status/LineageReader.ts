import { NotFoundError } from '@backstage/errors';
import type {
  Lineage,
  LineageImage,
  LineageQuery,
} from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import { idList } from '../database/idList';
import type {
  ApplicationPlatformTable,
  BaseTagTable,
  MirrorTagTable,
} from '../database/tables';
import { keysetPage } from './keysetPage';
import { referenceOf } from './PublishedBases';
import type { JoinedApplication } from './rowMappers';
import { splitReference, taggedReference } from './taggedReference';

// A base may be built on a base, but nobody stacks this many
const MAX_DEPTH = 10;
const MAX_BASES = 500;
const VERDICT_COLUMNS = [
  'freshness',
  'support',
  'eol_date',
  'status',
  'status_rank',
].map(column => `verdict.${column} as ${column}`);

/** Reads what an image is built on, and what is built on it. */
export class LineageReader {
  readonly #knex: Knex;

  static create(options: { knex: Knex }): LineageReader {
    return new LineageReader(options.knex);
  }

  private constructor(knex: Knex) {
    this.#knex = knex;
  }

  /**
   * @param query - `reference` as `host/path[:tag]`, canonical; `digest` tells
   *   which it is where there is no tag, as it is known of what runs
   * @throws NotFoundError - no tier has such an image
   * @throws InputError - the cursor is none of this list's
   */
  async read(query: LineageQuery & { digest?: string }): Promise<Lineage> {
    const reference = await taggedReference(
      this.#knex,
      query.reference,
      query.digest,
    );
    const application = await this.#application(reference);
    const chain = application
      ? [toApplication(application), ...(await this.#below(application))]
      : await this.#chain(reference, true);
    if (!chain.length) {
      throw new NotFoundError(
        `reference: no mirror, base, application or upstream of a mirror is named ${reference}`,
      );
    }
    const [image, ...builtOn] = chain;
    const copies = await this.#copiesOf(image);
    const { bases, total } = await this.#basesOn(copies);
    return {
      image,
      builtOn,
      bases,
      totalBases: total,
      applications: await this.#applicationsOn(
        [
          ...new Set([
            image.reference,
            ...copies,
            ...bases.map(each => each.reference),
          ]),
        ],
        query,
      ),
    };
  }

  /** What an application stands on; each base where its platforms differ. */
  async #below(application: JoinedApplication): Promise<LineageImage[]> {
    const others = await this.#knex<ApplicationPlatformTable>(
      'application_platform',
    )
      .where({ application_id: application.id })
      .orderBy('position')
      .select('base_reference');
    const below = new Map<string, LineageImage>();
    for (const { base_reference: base } of [application, ...others]) {
      if (!base || !below.has(base)) {
        const chain = await this.#chain(base);
        chain.forEach(image => below.set(image.reference, image));
      }
    }
    return [...below.values()];
  }

  /** From that reference down to its upstream; one query per level. */
  async #chain(
    from: string | null,
    onlyKnown = false,
  ): Promise<LineageImage[]> {
    const chain: LineageImage[] = [];
    let reference = from;
    while (reference && chain.length < MAX_DEPTH) {
      const base = await this.#one<BaseTagTable>('base_tag', reference);
      const mirror =
        base ?? (await this.#one<MirrorTagTable>('mirror_tag', reference));
      if (base) {
        chain.push(toBase(base));
        reference = base.mirror_reference;
      } else if (mirror) {
        const row = mirror as MirrorTagTable;
        chain.push(toMirror(row), toUpstream(row));
        return chain;
      } else {
        const known = await this.#mirrorOf(reference);
        if (known) {
          chain.push(toUpstream(known));
        } else if (!onlyKnown || chain.length) {
          chain.push(upstreamImage(reference, null));
        }
        return chain;
      }
    }
    return chain;
  }

  /** The bases that follow an image, level by level. */
  async #basesOn(
    sources: string[],
  ): Promise<{ bases: LineageImage[]; total: number }> {
    const found = new Map<string, LineageImage>();
    let below = sources;
    for (let depth = 0; below.length && depth < MAX_DEPTH; depth += 1) {
      const rows = await this.#knex<BaseTagTable>('base_tag')
        .whereIn('mirror_reference', below)
        .whereNotNull('digest')
        .orderBy(['repository', { column: 'version_key', order: 'desc' }]);
      const fresh = rows.map(toBase).filter(row => !found.has(row.reference));
      fresh.forEach(row => found.set(row.reference, row));
      below = fresh.map(row => row.reference);
    }
    const bases = [...found.values()];
    return { bases: bases.slice(0, MAX_BASES), total: bases.length };
  }

  /** What a base may name as its source: the image, or the copies of it. */
  async #copiesOf(image: LineageImage): Promise<string[]> {
    if (image.tier !== 'upstream') {
      return image.tier === 'applications' ? [] : [image.reference];
    }
    const [repository, tag] = splitReference(image.reference);
    const rows = await this.#knex<MirrorTagTable>('mirror_tag')
      .where({ upstream_repository: repository, upstream_tag: tag })
      .select('repository', 'tag');
    return rows.map(referenceOf);
  }

  async #applicationsOn(
    references: string[],
    query: LineageQuery,
  ): Promise<Lineage['applications']> {
    const others = await this.#knex('application_platform')
      .whereIn('base_reference', references)
      .distinct('application_id as id');
    const filtered = () =>
      this.#knex('application')
        .join('verdict', 'verdict.id', 'application.verdict_id')
        .where('application.state', 'current')
        .where(either => {
          either.whereIn('application.base_reference', references);
          if (others.length) {
            const ids = others.map(({ id }) => id);
            either.orWhereRaw(`application.id IN ${idList(ids)}`);
          }
        });
    const page = await keysetPage<JoinedApplication>({
      knex: this.#knex,
      rows: filtered().select('application.*', ...VERDICT_COLUMNS),
      counted: filtered().select('application.id'),
      query,
      table: 'application',
      valueOf: () => null,
    });
    return {
      ...page,
      items: page.items.map(row => ({
        ...toApplication(row),
        base: row.base_reference,
      })),
    };
  }

  async #application(
    reference: string,
  ): Promise<JoinedApplication | undefined> {
    const [repository, tag] = splitReference(reference);
    return this.#knex('application')
      .join('verdict', 'verdict.id', 'application.verdict_id')
      .where({ 'application.repository': repository, 'application.tag': tag })
      .first('application.*', ...VERDICT_COLUMNS);
  }

  async #one<T>(table: string, reference: string): Promise<T | undefined> {
    const [repository, tag] = splitReference(reference);
    return this.#knex(table).where({ repository, tag }).first();
  }

  async #mirrorOf(upstream: string): Promise<MirrorTagTable | undefined> {
    const [repository, tag] = splitReference(upstream);
    return this.#knex<MirrorTagTable>('mirror_tag')
      .where({ upstream_repository: repository, upstream_tag: tag })
      .first();
  }
}

function toApplication(row: JoinedApplication): LineageImage {
  return {
    ...judged(row),
    reference: referenceOf(row),
    tier: 'applications',
    digest: row.digest,
    freshness: row.freshness as LineageImage['freshness'],
    owner: row.owner,
  };
}

function toBase(row: BaseTagTable): LineageImage {
  return {
    ...judged(row),
    reference: referenceOf(row),
    tier: 'bases',
    digest: row.digest,
    freshness: row.freshness as LineageImage['freshness'],
    owner: row.owner,
  };
}

function toMirror(row: MirrorTagTable): LineageImage {
  return {
    ...judged(row),
    reference: referenceOf(row),
    tier: 'mirrors',
    digest: row.digest,
    freshness: null,
    owner: null,
  };
}

function toUpstream(row: MirrorTagTable): LineageImage {
  return upstreamImage(
    `${row.upstream_repository}:${row.upstream_tag}`,
    row.upstream_digest,
  );
}

function upstreamImage(reference: string, digest: string | null): LineageImage {
  return {
    reference,
    tier: 'upstream',
    digest,
    status: null,
    freshness: null,
    support: null,
    eolDate: null,
    owner: null,
  };
}

function judged(row: {
  status: string;
  support: string;
  eol_date: string | null;
}) {
  return {
    status: row.status as LineageImage['status'],
    support: row.support as LineageImage['support'],
    eolDate: row.eol_date,
  };
}
