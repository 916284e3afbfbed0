import type { Detection } from '@imglife/backstage-plugin-imglife-common';
import type { Knex } from 'knex';
import { usedBases } from '../applications/usedBases';
import type { ApplicationTable, BaseTagTable } from '../database/tables';
import type { Usage } from './RetentionStore';

const APPLICATION = 'a current application';

/**
 * What current applications stand on, also by digest, by single platforms, and
 * by candidates where the base is not certain; and what published bases are
 * built on.
 */
export async function readUsage(knex: Knex): Promise<Usage> {
  const references = new Map<string, string[]>();
  const digests = new Map<string, string[]>();
  for (const [reference, count] of await usedBases(knex)) {
    if (reference) {
      const words = count === 1 ? APPLICATION : `${count} current applications`;
      add(references, reference, words);
    }
  }
  for (const digest of await applicationDigests(knex)) {
    add(digests, digest, APPLICATION);
  }
  for (const candidate of await candidates(knex)) {
    add(references, candidate, 'a current application, as it may be');
  }
  const bases = await knex<BaseTagTable>('base_tag')
    .whereNotNull('digest')
    .select('repository', 'tag', 'mirror_reference', 'mirror_digest');
  for (const row of bases) {
    const words = `base ${row.repository}:${row.tag}`;
    add(references, row.mirror_reference, words);
    add(digests, row.mirror_digest, words);
  }
  return { references, digests };
}

function add(
  uses: Map<string, string[]>,
  key: string | null,
  words: string,
): void {
  if (!key) {
    return;
  }
  const known = uses.get(key);
  if (!known) {
    uses.set(key, [words]);
  } else if (!known.includes(words)) {
    known.push(words);
  }
}

async function applicationDigests(knex: Knex): Promise<string[]> {
  const whole = await knex('base_use')
    .join('verdict', 'verdict.base_use_id', 'base_use.id')
    .where('base_use.digest', '<>', '')
    .whereExists(
      knex('application')
        .where('application.state', 'current')
        .where('application.verdict_id', knex.ref('verdict.id'))
        .select(knex.raw('1')),
    )
    .distinct('base_use.digest as digest');
  const platforms = await knex('application_platform')
    .join(
      'application',
      'application.id',
      'application_platform.application_id',
    )
    .where('application.state', 'current')
    .whereNotNull('application_platform.base_digest')
    .distinct('application_platform.base_digest as digest');
  return [...whole, ...platforms].map(({ digest }) => digest);
}

/** What an application may stand on, where nothing decides between several. */
async function candidates(knex: Knex): Promise<string[]> {
  const rows = await knex<ApplicationTable>('application')
    .where({ state: 'current' })
    .where('detection', 'like', '%"confidence":"low"%')
    .distinct('detection');
  return rows.flatMap(
    ({ detection }) => (JSON.parse(detection) as Detection).candidates,
  );
}
