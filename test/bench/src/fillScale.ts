import { digestOf, ScaleBase } from './scaleBases';

/** What is filled. */
export interface FillOptions {
  host: string;
  bases: ScaleBase[];
  applications: number;
  /** rows of the chain index beside those of the bases */
  chains: number;
  /** of each application, the one that counts among them */
  registrations: number;
}

/** Runs one statement. */
export type RunStatement = (
  text: string,
  values?: string[],
) => Promise<unknown>;

/** How many of a hundred applications stand on the base everybody likes. */
const POPULAR_PERCENT = 30;
const DETECTION = JSON.stringify({
  method: 'declared',
  confidence: 'confirmed',
  mismatch: false,
  candidates: [],
});

/**
 * Fills an empty database of the plugin with what years of use leave behind,
 * set-wise, in the columns and shapes that the plugin itself writes. Three in
 * ten applications stand on base 0; the others on all bases, old ones less.
 */
export async function fillScale(
  run: RunStatement,
  options: FillOptions,
): Promise<void> {
  const bases = JSON.stringify(options.bases);
  await run('SET synchronous_commit = off');
  await run("SET maintenance_work_mem = '512MB'");
  await run(
    `CREATE TABLE scale AS SELECT *, repository || ':' || tag AS reference
     FROM json_to_recordset($1::json) AS s(number int, name text, repository text,
       tag text, mirror_repository text, upstream_version text, version_key text,
       mirror_version_key text, cycle text, digest text, child_digest text, chain_id text)`,
    [bases],
  );
  for (const statement of tierStatements(options)) {
    await run(statement);
  }
  await quickly(run, 'application', applications(options));
  if (options.registrations) {
    await quickly(run, 'registration', registrations(options));
  }
  await run('DROP TABLE scale');
  await run('VACUUM ANALYZE');
}

function tierStatements({ host, chains }: FillOptions): string[] {
  const at = "'2026-01-01T00:00:00.000Z'";
  return [
    `INSERT INTO mirror_tag (mirror, repository, tag, version, version_key, family, digest,
       upstream_repository, upstream_tag, upstream_digest, platforms, size_bytes, state,
       first_pulled_at, pulled_at, product, cycle)
     SELECT name, mirror_repository, upstream_version, upstream_version, mirror_version_key, '', digest,
       'docker.io/library/' || name, upstream_version, digest, '["linux/amd64"]', 3000000, 'current',
       ${at}, ${at}, 'bench-linux', cycle FROM scale ORDER BY number`,
    `INSERT INTO base_tag (name, kind, repository, tag, family, upstream_version, core_version,
       version_key, digest, platforms, mirror_reference, mirror_digest, input_hash, reasons, state,
       published_at, built_at, product, cycle)
     SELECT name, 'core', repository, tag, '', upstream_version, '1.0.0', version_key, digest,
       '["linux/amd64"]', mirror_repository || ':' || upstream_version, digest, md5(digest),
       '["first-build"]', 'published', ${at}, ${at}, 'bench-linux', cycle FROM scale ORDER BY number`,
    `INSERT INTO image_digest (tier, name, repository, tag, root_digest, digest, platform, chain_id, layers, published_at)
     SELECT 'bases', name, repository, tag, digest, digest, '', NULL, 0, ${at} FROM scale
     UNION ALL
     SELECT 'bases', name, repository, tag, digest, child_digest, 'linux/amd64', chain_id, 1, ${at} FROM scale`,
    `INSERT INTO image_digest (tier, name, repository, tag, root_digest, digest, platform, chain_id, layers, published_at)
     SELECT 'mirrors', 'old-' || i % 100, '${host}/mirrors/old-' || i % 100, '0.0.' || i, d, d, 'linux/amd64', d, 3, ${at}
     FROM (SELECT i, 'sha256:' || encode(sha256(('chain ' || i)::bytea), 'hex') AS d FROM generate_series(1, ${chains}) i) c`,
    `INSERT INTO base_use (reference, digest, tier, created_at)
     SELECT reference, digest, 'bases', ${at} FROM scale ORDER BY number`,
    `INSERT INTO verdict (base_use_id, since) SELECT id, ${at} FROM base_use ORDER BY id`,
    `ALTER TABLE scale ADD COLUMN verdict_id int`,
    `UPDATE scale SET verdict_id = verdict.id FROM verdict JOIN base_use ON base_use.id = base_use_id
     WHERE base_use.reference = scale.reference`,
    `CREATE UNIQUE INDEX ON scale (number)`,
    // nothing is due: a scan would ask for what is not there
    `UPDATE definition SET queued_hash = hash, queued_at = '${new Date().toISOString()}'`,
    `DELETE FROM run`,
    `DELETE FROM imglife_queue.job`,
  ];
}

// Squared, so that some bases are liked more than others; hashed, so that the
// same application always gets the same
const CHOSEN = `CASE WHEN abs(hashint4(i)) % 100 < ${POPULAR_PERCENT} THEN 0
  ELSE floor(power((abs(hashint4(i + 7)) % 100000) / 100000.0, 2) * (SELECT count(*) FROM scale))::int END`;
const BUILT = `to_char(now() at time zone 'UTC' - interval '1 second' * (abs(hashint4(i + 3)) % 12960000),
  'YYYY-MM-DD"T"HH24:MI:SS".000Z"')`;

/** A team has fifty applications, however many teams there are. */
export function teamsOf(count: number): number {
  return Math.ceil(count / 50);
}

function series({ host, applications: count }: FillOptions): string {
  const teams = teamsOf(count);
  return `(SELECT i, '${host}/apps/team-' || i % ${teams} || '/app-' || i || '-b' || number AS repository,
      scale.*, ${BUILT} AS built
    FROM (SELECT i, ${CHOSEN} AS chosen FROM generate_series(1, ${count}) i) c
    JOIN scale ON number = chosen) a`.replace(
    'scale.*',
    'number, name, tag, digest, reference, verdict_id',
  );
}

function applications(options: FillOptions): string {
  const teams = teamsOf(options.applications);
  return `INSERT INTO application (repository, tag, digest, platforms, base_reference, base_digest,
      base_name, base_version, detection, state, verdict_id, revision, project, entity_ref, owner, fields,
      facts_hash, built_at, registered_at, registered_by)
    SELECT repository, '1.4.' || i % 30, '${digestOf(
      'application',
    )}', '["linux/amd64"]', reference, digest,
      name, tag, '${DETECTION}', 'current', verdict_id, substr(md5(i::text), 1, 7),
      'team-' || i % ${teams} || '/app-' || i, CASE WHEN i % 10 = 0 THEN 'component:default/app-' || i END,
      CASE WHEN i % 10 = 0 THEN 'group:default/team-' || i % ${teams} END,
      '{"ci_job_url":"https://ci.example.com/jobs/' || i || '"}', md5(i::text) || md5(i::text),
      built, built, 'external:ci'
    FROM ${series(options)}`;
}

function registrations(options: FillOptions): string {
  const { registrations: count } = options;
  return `INSERT INTO registration (repository, tag, facts, facts_hash, registered_at, registered_by)
    SELECT repository, '1.4.' || i % 30,
      '{"repository":"' || repository || '","tag":"1.4.' || i % 30 || '","digest":"${digestOf(
        'application',
      )}","platforms":["linux/amd64"],"base":{"reference":"' || reference || '","digest":"' || digest || '","name":"' || name || '","version":"' || tag || '"},"detection":${DETECTION},"fields":{},"builtAt":"' || built || '"}',
      md5(i::text || n) || md5(i::text), built, 'external:ci'
    FROM ${series(options)} CROSS JOIN generate_series(1, ${count}) n`;
}

/**
 * In one transaction with the table emptied before, which writes no log ahead
 * (`wal_level=minimal`), and its indexes made over all rows at once.
 */
async function quickly(
  run: RunStatement,
  table: string,
  statement: string,
): Promise<void> {
  const { rows } = (await run(
    `SELECT indexname AS name, indexdef AS definition FROM pg_indexes
     WHERE tablename = $1 AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = indexname)`,
    [table],
  )) as { rows: Array<{ name: string; definition: string }> };
  await run('BEGIN');
  await run(`TRUNCATE ${table} CASCADE`);
  for (const { name } of rows) {
    await run(`DROP INDEX "${name}"`);
  }
  await run(statement);
  for (const { definition } of rows) {
    await run(definition);
  }
  await run('COMMIT');
}
