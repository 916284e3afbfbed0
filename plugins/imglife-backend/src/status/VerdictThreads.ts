import type { Status } from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import { idList } from '../database/idList';
import type { VerdictTable } from '../database/tables';
import { splitReference } from './taggedReference';
import type { ThreadImage, VerdictThread } from './verdictNotification';

const IMAGES_PER_VERDICT = 10;
const IMAGES_PER_THREAD = 10;

interface JoinedVerdict
  extends Pick<
    VerdictTable,
    | 'id'
    | 'name'
    | 'freshness'
    | 'support'
    | 'status'
    | 'status_rank'
    | 'eol_date'
    | 'product'
    | 'cycle'
    | 'os_cycle'
    | 'latest'
    | 'latest_in_cycle'
  > {
  reference: string;
}

/** One of few images of an owner on a verdict, and how many these are. */
interface OwnedImage {
  owner: string;
  verdict_id: number;
  repository: string;
  tag: string;
  total: number | string;
}

/** Reads whose applications share verdicts, by base and cycle. */
export class VerdictThreads {
  readonly #knex: Knex;

  static create(options: { knex: Knex }): VerdictThreads {
    return new VerdictThreads(options.knex);
  }

  private constructor(knex: Knex) {
    this.#knex = knex;
  }

  /**
   * What is to be told when these verdicts have changed: for each owner of a
   * current application on one of them, how everything of theirs on that base
   * and cycle is now. Three statements, whatever the number of applications.
   */
  async of(verdictIds: number[]): Promise<VerdictThread[]> {
    if (!verdictIds.length) {
      return [];
    }
    const verdicts: JoinedVerdict[] = await this.#knex('verdict')
      .join('base_use', 'base_use.id', 'verdict.base_use_id')
      .select('verdict.*', 'base_use.reference as reference');
    const changed = new Set(verdictIds);
    const keys = new Set(
      verdicts.filter(({ id }) => changed.has(id)).map(keyOf),
    );
    const meant = new Map(
      verdicts
        .filter(row => keys.has(keyOf(row)))
        .map(row => [row.id, row] as const),
    );
    const touched = await this.#ownersOf(verdictIds);
    const told = new Set(
      touched.map(({ owner, id }) => threadOf(owner, meant.get(id)!)),
    );
    const images = await this.#images(
      [...new Set(touched.map(({ owner }) => owner))],
      [...meant.keys()],
    );
    return threadsOf(images, meant).filter(thread =>
      told.has(JSON.stringify([thread.owner, thread.base, thread.cycle])),
    );
  }

  async #ownersOf(
    ids: number[],
  ): Promise<Array<{ owner: string; id: number }>> {
    return this.#knex('application')
      .where('state', 'current')
      .whereNotNull('owner')
      .whereRaw(`verdict_id IN ${idList(ids)}`)
      .distinct('owner', 'verdict_id as id');
  }

  async #images(owners: string[], ids: number[]): Promise<OwnedImage[]> {
    const part = 'partition by owner, verdict_id';
    const found: OwnedImage[] = [];
    // SQLite binds at most 32,766 variables in a statement
    for (let start = 0; start < owners.length; start += 1_000) {
      const numbered = this.#knex('application')
        .where('state', 'current')
        .whereIn('owner', owners.slice(start, start + 1_000))
        .whereRaw(`verdict_id IN ${idList(ids)}`)
        .select(
          ...['owner', 'verdict_id', 'repository', 'tag'],
          this.#knex.raw(`count(*) over (${part}) as total`),
          this.#knex.raw(
            `row_number() over (${part} order by repository, tag) as place`,
          ),
        );
      found.push(
        ...(await this.#knex
          .from(numbered.as('numbered'))
          .where('place', '<=', IMAGES_PER_VERDICT)
          .orderBy(['owner', 'verdict_id', 'place'])
          .select('owner', 'verdict_id', 'repository', 'tag', 'total')),
      );
    }
    return found;
  }
}

function threadsOf(
  images: OwnedImage[],
  verdicts: ReadonlyMap<number, JoinedVerdict>,
): VerdictThread[] {
  const groups = new Map<string, OwnedImage[]>();
  for (const image of images) {
    const key = threadOf(image.owner, verdicts.get(image.verdict_id)!);
    groups.set(key, [...(groups.get(key) ?? []), image]);
  }
  return [...groups.values()].map(group => toThread(group, verdicts));
}

function toThread(
  group: OwnedImage[],
  verdicts: ReadonlyMap<number, JoinedVerdict>,
): VerdictThread {
  const worstFirst = [...group].sort(
    (one, other) =>
      verdicts.get(one.verdict_id)!.status_rank -
      verdicts.get(other.verdict_id)!.status_rank,
  );
  const counts = { critical: 0, warning: 0, unknown: 0, ok: 0 };
  const counted = new Map(group.map(image => [image.verdict_id, image.total]));
  for (const [id, total] of counted) {
    counts[verdicts.get(id)!.status as Status] += Number(total);
  }
  const worst = verdicts.get(worstFirst[0].verdict_id)!;
  const [base, cycle] = baseAndCycle(worst);
  return {
    owner: group[0].owner,
    base,
    cycle,
    latest: worst.latest_in_cycle ?? worst.latest,
    counts,
    images: worstFirst
      .slice(0, IMAGES_PER_THREAD)
      .map(image => toImage(image, verdicts.get(image.verdict_id)!)),
  };
}

function toImage(image: OwnedImage, verdict: JoinedVerdict): ThreadImage {
  return {
    reference: `${image.repository}:${image.tag}`,
    status: verdict.status as Status,
    freshness: verdict.freshness,
    support: verdict.support,
    eolDate: verdict.eol_date,
  };
}

function baseAndCycle(row: JoinedVerdict): [string, string | null] {
  const base = row.name ?? splitReference(row.reference)[0];
  return [base, row.product ? row.cycle : row.os_cycle];
}

function keyOf(row: JoinedVerdict): string {
  return JSON.stringify(baseAndCycle(row));
}

function threadOf(owner: string, row: JoinedVerdict): string {
  return JSON.stringify([owner, ...baseAndCycle(row)]);
}
