import type { Exemption } from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import type { VerdictTable } from '../database/tables';
import type { ExemptionDefinition } from '../definitions/Definitions';
import { exemptionKey, isPostgres } from './applicationRows';
import { exemptionOf } from './exemptionOf';
import { showWorst } from './platformRows';

// SQLite binds at most 32,766 variables in a statement
const CHUNK = 1_000;

/** What an exemption is chosen by, and the verdict it has led to. */
interface ExemptRow {
  id: number;
  repository: string;
  tag: string;
  project: string | null;
  base_reference: string | null;
  verdict_id: number;
  base_use_id: number;
  exemption: string;
}

/**
 * Gives every stored application the exemption that holds for it now. Read are
 * only the rows that have one or that a pattern may mean.
 *
 * @returns how many rows changed
 */
export async function exemptApplications(
  knex: Knex,
  exemptions: ExemptionDefinition[],
  now: Date,
): Promise<number> {
  let changed = 0;
  let after = 0;
  for (;;) {
    const rows = await candidates(knex, exemptions, after);
    if (!rows.length) {
      await exemptPlatforms(knex, exemptions, now);
      return changed;
    }
    after = rows.at(-1)!.id;
    const groups = new Map<string, ExemptRow[]>();
    for (const row of rows) {
      const key = exemptionKey(wanted(row, exemptions, now));
      if (key !== row.exemption) {
        const group = JSON.stringify([row.verdict_id, row.base_use_id, key]);
        groups.set(group, [...(groups.get(group) ?? []), row]);
      }
    }
    for (const [group, members] of groups) {
      const [from, use, key] = JSON.parse(group) as [number, number, string];
      const to = await verdictOf(knex, use, key, now);
      changed += await move(knex, members, from, to);
    }
  }
}

/** The same for what single platforms stand on; they are few. */
async function exemptPlatforms(
  knex: Knex,
  exemptions: ExemptionDefinition[],
  now: Date,
): Promise<void> {
  const rows: Array<Omit<ExemptRow, 'verdict_id'> & { position: number }> =
    await knex('application_platform')
      .join(
        'application',
        'application.id',
        'application_platform.application_id',
      )
      .join('verdict', 'verdict.id', 'application_platform.verdict_id')
      .select(
        'application.id',
        'application_platform.position',
        'application.repository',
        'application.tag',
        'application.project',
        'application_platform.base_reference',
        'verdict.base_use_id',
        'verdict.exemption',
      );
  for (const row of rows) {
    const key = exemptionKey(wanted(row, exemptions, now));
    if (key !== row.exemption) {
      await knex('application_platform')
        .where({ application_id: row.id, position: row.position })
        .update({
          verdict_id: await verdictOf(knex, row.base_use_id, key, now),
        });
    }
  }
  await showWorst(knex);
}

function wanted(
  row: Pick<ExemptRow, 'repository' | 'tag' | 'project' | 'base_reference'>,
  exemptions: ExemptionDefinition[],
  now: Date,
): Exemption | undefined {
  return exemptionOf(
    {
      image: `${row.repository}:${row.tag}`,
      project: row.project ?? undefined,
      base: row.base_reference ?? undefined,
    },
    exemptions,
    now,
  );
}

async function candidates(
  knex: Knex,
  exemptions: ExemptionDefinition[],
  after: number,
): Promise<ExemptRow[]> {
  return knex('application')
    .join('verdict', 'verdict.id', 'application.verdict_id')
    .where('application.id', '>', after)
    .where(either => {
      either.where('verdict.exemption', '<>', '');
      for (const { image, project, base } of exemptions) {
        either.orWhere(all => {
          mayMatch(
            all,
            "application.repository || ':' || application.tag",
            image,
          );
          mayMatch(all, 'application.project', project);
          mayMatch(all, 'application.base_reference', base);
        });
      }
    })
    .orderBy('application.id')
    .limit(CHUNK)
    .select(
      'application.id',
      'application.repository',
      'application.tag',
      'application.project',
      'application.base_reference',
      'application.verdict_id',
      'verdict.base_use_id',
      'verdict.exemption',
    );
}

/** Wider than `matchesGlob`, which has the last word. */
function mayMatch(
  where: Knex.QueryBuilder,
  expression: string,
  pattern: string | undefined,
): void {
  if (pattern === undefined) {
    where.whereRaw('1 = 1');
    return;
  }
  const like = pattern
    .replace(/[\\%_]/g, match => `\\${match}`)
    .replaceAll('*', '%');
  where.whereRaw(`(${expression}) LIKE ? ESCAPE '\\'`, [`${like}%`]);
}

/** The verdict of that use under that exemption, made when there is none. */
async function verdictOf(
  knex: Knex,
  baseUseId: number,
  exemption: string,
  now: Date,
): Promise<number> {
  const key = { base_use_id: baseUseId, exemption };
  await knex<VerdictTable>('verdict')
    .insert({ ...key, since: now.toISOString() })
    .onConflict(['base_use_id', 'exemption'])
    .ignore();
  const row = await knex<VerdictTable>('verdict').where(key).first('id');
  return row!.id;
}

/** A row that a registration holds just now is settled by that. */
async function move(
  knex: Knex,
  rows: ExemptRow[],
  from: number,
  to: number,
): Promise<number> {
  const free = knex('application')
    .select('id')
    .where({ verdict_id: from })
    .whereIn(
      'id',
      rows.map(({ id }) => id),
    );
  return knex('application')
    .whereIn('id', isPostgres(knex) ? free.forUpdate().skipLocked() : free)
    .update({ verdict_id: to });
}
