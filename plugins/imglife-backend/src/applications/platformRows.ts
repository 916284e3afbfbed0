import type { Knex } from 'knex';
import type { ApplicationPlatformTable } from '../database/tables';
import type { NewRegistration } from './ApplicationStore';
import { ensureVerdict, isPostgres } from './applicationRows';
import { baseUseOf } from './baseUse';

const SHOWN = [
  'base_reference',
  'base_digest',
  'base_name',
  'base_version',
  'verdict_id',
];

/**
 * Replaces what the platforms of an application stand on, each with its
 * verdict; nothing is left of an image that stands on one base.
 *
 * @returns whether there is a verdict that was not judged before
 */
export async function recordPlatforms(
  trx: Knex,
  id: number,
  registration: NewRegistration,
): Promise<boolean> {
  await trx<ApplicationPlatformTable>('application_platform')
    .where({ application_id: id })
    .delete();
  const { platformBases = [] } = registration.facts;
  const rows: ApplicationPlatformTable[] = [];
  let isNew = false;
  for (const [position, each] of platformBases.entries()) {
    const { platform, base, tier } = each;
    const verdict = await ensureVerdict(trx, {
      use: baseUseOf(base, tier),
      exemption: registration.platformExemptions?.[position],
      now: registration.now,
    });
    isNew ||= verdict.isNew;
    rows.push({
      application_id: id,
      position,
      platform,
      base_reference: base?.reference ?? null,
      base_digest: base?.digest ?? null,
      base_name: base?.name ?? null,
      base_version: base?.version ?? null,
      verdict_id: verdict.id,
    });
  }
  if (rows.length) {
    await trx('application_platform').insert(rows);
    await showWorst(trx, id);
  }
  return isNew;
}

/**
 * Lets rows of images whose platforms stand on different bases show the one
 * that is worst now: by status, then what violates the policy, then the
 * earliest end of life, then the order of the index. One statement where nothing changes, else two.
 *
 * Rows that another registration holds just now are left to it: waiting for
 * one could be a deadlock.
 *
 * @param id - of the one application; default all
 */
export async function showWorst(knex: Knex, id?: number): Promise<void> {
  if (!(await worst(knex, id).first())) {
    return;
  }
  await knex.raw(
    `UPDATE application SET ${SHOWN.map(
      column => `${column} = shown.${column}`,
    ).join(', ')}
     FROM (?) AS shown WHERE application.id = shown.application_id`,
    [isPostgres(knex) ? free(worst(knex, id)) : worst(knex, id)],
  );
}

/** Of each application the worst platform, where the row shows another. */
function worst(knex: Knex, id: number | undefined): Knex.QueryBuilder {
  const ranked = knex('application_platform')
    .join('verdict', 'verdict.id', 'application_platform.verdict_id')
    .where(id === undefined ? {} : { application_id: id })
    .select(
      'application_platform.*',
      knex.raw(`row_number() over (
        partition by application_id
        order by status_rank,
          case when violations = '[]' then 1 else 0 end,
          coalesce(eol_date, '9999'),
          position
      ) as place`),
    )
    .as('ranked');
  return knex(ranked)
    .join('application', 'application.id', 'ranked.application_id')
    .where('ranked.place', 1)
    .where(other =>
      other
        .whereNull('application.verdict_id')
        .orWhereRaw('application.verdict_id <> ranked.verdict_id')
        .orWhereRaw(
          "coalesce(application.base_reference, '') <> coalesce(ranked.base_reference, '')",
        ),
    )
    .select(
      'ranked.application_id',
      ...SHOWN.map(column => `ranked.${column}`),
    );
}

function free(rows: Knex.QueryBuilder): Knex.QueryBuilder {
  return rows.forUpdate('application').skipLocked();
}
