// @ts-check

// Instants are text, ISO 8601 UTC with milliseconds, so that every driver
// gives back what was written and order is byte order; days are YYYY-MM-DD.

/**
 * Sort columns compare by bytes on PostgreSQL, whatever the database's locale;
 * SQLite does so by itself.
 *
 * @param {import('knex').Knex} knex
 * @param {Record<string, string[]>} columns
 */
async function collateByBytes(knex, columns) {
  if (knex.client.config.client !== 'pg') {
    return;
  }
  for (const [table, names] of Object.entries(columns)) {
    for (const name of names) {
      await knex.raw('ALTER TABLE ?? ALTER COLUMN ?? TYPE text COLLATE "C"', [
        table,
        name,
      ]);
    }
  }
}

/** @param {import('knex').Knex.CreateTableBuilder} table */
function judgement(table) {
  table.text('product').nullable();
  table.text('cycle').nullable();
  table.text('os_product').nullable();
  table.text('os_cycle').nullable();
  table.text('support').notNullable().defaultTo('unknown');
  table.text('eol_date').nullable();
  table.text('eol').notNullable().defaultTo('[]').comment('JSON EolFact[]');
  table.text('status').notNullable().defaultTo('unknown');
  table.integer('status_rank').notNullable().defaultTo(2);
}

/** @param {import('knex').Knex} knex */
async function createDefinitionTables(knex) {
  await knex.schema.createTable('definition', table => {
    table.comment('What is declared now, and when its work was last queued');
    table.text('kind').notNullable().comment('mirror | base | lifecycle');
    table.text('name').notNullable();
    table.text('hash').notNullable();
    table.text('source').notNullable();
    table.text('since').notNullable();
    table.text('queued_hash').nullable();
    table.text('queued_at').nullable();
    table.text('finished_at').nullable();
    table.integer('failures').notNullable().defaultTo(0);
    table.text('retry_at').nullable();
    table.primary(['kind', 'name']);
  });
}

/** @param {import('knex').Knex} knex */
async function createMirrorTables(knex) {
  await knex.schema.createTable('mirror_tag', table => {
    table.comment('Tier 1: one row per mirrored tag');
    table.increments('id');
    table.text('mirror').notNullable().comment('name of the definition');
    table.text('repository').notNullable().comment('host/path');
    table.text('tag').notNullable();
    table.text('version').nullable();
    table.text('version_key').notNullable().defaultTo('');
    table.text('family').notNullable().defaultTo('');
    table.text('digest').nullable();
    table.text('media_type').nullable();
    table.text('upstream_repository').notNullable();
    table.text('upstream_tag').notNullable();
    table.text('upstream_digest').nullable();
    table.text('platforms').notNullable().defaultTo('[]').comment('JSON');
    table.bigInteger('size_bytes').nullable();
    table.text('image_created').nullable();
    table.text('state').notNullable();
    table.text('error').nullable();
    table.boolean('selected').notNullable().defaultTo(true);
    table.text('first_pulled_at').nullable();
    table.text('pulled_at').nullable();
    table.text('verified_at').nullable();
    judgement(table);
    table.unique(['repository', 'tag']);
    table.index(['mirror', 'family', 'version_key']);
    table.index(['product', 'cycle']);
    table.index(['status_rank', 'repository', 'tag']);
    table.index(['eol_date']);
  });
  await knex.schema.createTable('pull', table => {
    table.comment('Append-only: one row per change of a mirror tag');
    table.increments('id');
    table.text('repository').notNullable();
    table.text('tag').notNullable();
    table.text('from_digest').nullable();
    table.text('to_digest').notNullable();
    table.bigInteger('bytes').notNullable();
    table.integer('duration_ms').notNullable();
    table.text('run_id').notNullable();
    table.text('actor').notNullable();
    table.text('at').notNullable();
    table.index(['repository', 'tag', 'at']);
  });
}

/** @param {import('knex').Knex} knex */
async function createBaseTables(knex) {
  await knex.schema.createTable('base_tag', table => {
    table.comment('Tier 2: one row per base tag, published or planned');
    table.increments('id');
    table.text('name').notNullable();
    table.text('kind').notNullable();
    table.text('owner').nullable();
    table.text('repository').notNullable();
    table.text('tag').notNullable();
    table.text('family').notNullable();
    table.text('upstream_version').notNullable().comment('the mirrored tag');
    table.text('core_version').notNullable();
    table.text('version_key').notNullable();
    table.text('digest').nullable();
    table.text('platforms').notNullable().defaultTo('[]').comment('JSON');
    table.text('mirror_reference').nullable().comment('repository:tag');
    table.text('mirror_digest').nullable();
    table.text('input_hash').nullable();
    table.text('inputs').nullable().comment('JSON: hash per kind of input');
    table.text('reasons').notNullable().defaultTo('[]').comment('JSON');
    table.text('state').notNullable();
    table.text('error').nullable();
    table.text('published_at').nullable().comment('first published');
    table.text('built_at').nullable().comment('last build');
    table.text('freshness').notNullable().defaultTo('unknown');
    table.text('latest').nullable();
    table.text('latest_in_cycle').nullable();
    table.text('outdated_since').nullable();
    table.integer('used_by').notNullable().defaultTo(0);
    judgement(table);
    table.unique(['repository', 'tag']);
    table.index(['name', 'family', 'version_key']);
    table.index(['product', 'cycle']);
    table.index(['status_rank', 'repository', 'tag']);
    table.index(['eol_date']);
  });
  await knex.schema.createTable('build', table => {
    table.comment('Append-only: one row per build attempt');
    table.increments('id');
    table.text('repository').notNullable();
    table.text('tag').notNullable();
    table.text('input_hash').notNullable();
    table.text('inputs').notNullable().comment('JSON: hash per kind of input');
    table.text('dockerfile').notNullable().comment('as rendered');
    table.text('mirror_digest').notNullable();
    table.text('reasons').notNullable().comment('JSON');
    table.text('state').notNullable().comment('succeeded | failed');
    table.text('digest').nullable();
    table.text('error').nullable();
    table.text('builder').notNullable();
    table.text('run_id').notNullable();
    table.text('actor').notNullable();
    table.text('started_at').notNullable();
    table.text('finished_at').notNullable();
    table.index(['repository', 'tag', 'started_at']);
  });
}

/** @param {import('knex').Knex} knex */
async function createImageTables(knex) {
  await knex.schema.createTable('image_digest', table => {
    table.comment(
      'Every digest a mirror or base tag ever had, with its chains',
    );
    table.increments('id');
    table.text('tier').notNullable().comment('mirrors | bases');
    table.text('name').notNullable().comment('of the definition');
    table.text('repository').notNullable();
    table.text('tag').notNullable();
    table.text('root_digest').notNullable().comment('what the tag pointed at');
    table.text('digest').notNullable().comment('the root or one child');
    table.text('platform').notNullable().comment('empty for an index');
    table.text('chain_id').nullable();
    table.integer('layers').notNullable().defaultTo(0);
    table.text('input_hash').nullable();
    table.text('published_at').notNullable();
    table.unique(['repository', 'tag', 'root_digest', 'digest', 'platform']);
    table.index(['chain_id']);
    table.index(['digest']);
  });
}

/** @param {import('knex').Knex} knex */
async function createApplicationTables(knex) {
  await knex.schema.createTable('base_use', table => {
    table.comment('One row per (base reference, digest) applications stand on');
    table.increments('id');
    table
      .text('reference')
      .notNullable()
      .comment('repository[:tag]; empty = FROM scratch; ? = unknown');
    table
      .text('digest')
      .notNullable()
      .defaultTo('')
      .comment('empty = not given');
    table.text('tier').notNullable().comment('bases | mirrors | other | none');
    table.text('created_at').notNullable();
    table.unique(['reference', 'digest']);
  });
  await knex.schema.createTable('verdict', table => {
    table.comment('One row per (base_use, exemption), recomputed set-wise');
    table.increments('id');
    table.integer('base_use_id').notNullable();
    table.foreign('base_use_id').references('base_use.id').onDelete('CASCADE');
    table.text('exemption').notNullable().defaultTo('').comment('JSON');
    table.text('name').nullable();
    table.text('freshness').notNullable().defaultTo('unknown');
    table.text('latest').nullable();
    table.text('latest_in_cycle').nullable();
    table.text('outdated_since').nullable();
    table.text('grace_until').nullable();
    table.text('violations').notNullable().defaultTo('[]').comment('JSON');
    table.text('since').notNullable();
    judgement(table);
    table.unique(['base_use_id', 'exemption']);
    table.index(['status']);
    table.index(['product', 'cycle']);
  });
  await knex.schema.createTable('application', table => {
    table.comment('Tier 3: one row per image repository and tag');
    table.increments('id');
    table.text('repository').notNullable();
    table.text('tag').notNullable();
    table.text('digest').nullable();
    table.text('platforms').notNullable().defaultTo('[]').comment('JSON');
    table.text('base_reference').nullable();
    table.text('base_digest').nullable();
    table.text('base_name').nullable();
    table.text('base_version').nullable();
    table.text('detection').notNullable().comment('JSON Detection');
    table.text('state').notNullable();
    table.integer('verdict_id').nullable();
    table.foreign('verdict_id').references('verdict.id');
    table.text('revision').nullable();
    table.text('project').nullable();
    table.text('declared_entity_ref').nullable();
    table.text('entity_ref').nullable();
    table.text('owner').nullable();
    table.text('fields').notNullable().defaultTo('{}').comment('JSON');
    table.text('facts_hash').notNullable();
    table.text('built_at').nullable();
    table.text('registered_at').notNullable();
    table.text('registered_by').notNullable();
    table.unique(['repository', 'tag']);
    table.index(['state', 'repository', 'tag']);
    table.index(['state', 'verdict_id', 'repository', 'tag']);
    table.index(['state', 'entity_ref']);
    table.index(['state', 'owner', 'repository', 'tag']);
    table.index(['state', 'project', 'repository', 'tag']);
    table.index(['state', 'built_at', 'repository', 'tag']);
    table.index(['base_reference']);
  });
  await knex.schema.createTable('registration', table => {
    table.comment('Append-only: every state an application row ever had');
    table.increments('id');
    table.text('repository').notNullable();
    table.text('tag').notNullable();
    table.text('facts').notNullable().comment('JSON');
    table.text('facts_hash').notNullable();
    table.text('registered_at').notNullable();
    table.text('registered_by').notNullable();
    table.index(['repository', 'tag', 'registered_at']);
  });
  await knex.schema.createTable('transition', table => {
    table.comment('Append-only: changes of verdicts');
    table.increments('id');
    table.integer('verdict_id').notNullable();
    table.text('reference').notNullable();
    table.text('from_status').notNullable();
    table.text('to_status').notNullable();
    table.text('from_freshness').notNullable();
    table.text('to_freshness').notNullable();
    table.text('cause').notNullable();
    table.text('at').notNullable();
    table.index(['at']);
  });
}

/** @param {import('knex').Knex} knex */
async function createLifecycleTables(knex) {
  await knex.schema.createTable('product', table => {
    table.comment('End-of-life products, with the age of what is known');
    table.text('name').primary();
    table.text('aliases').notNullable().defaultTo('[]').comment('JSON');
    table.text('label').notNullable();
    table.text('purls').notNullable().defaultTo('[]').comment('JSON');
    table.text('source').notNullable().comment('api | snapshot | file');
    table.text('fetched_at').notNullable();
    table.text('error').nullable();
  });
  await knex.schema.createTable('cycle', table => {
    table.text('product').notNullable();
    table.foreign('product').references('product.name').onDelete('CASCADE');
    table.text('name').notNullable();
    table.text('codename').nullable();
    table.text('release_date').nullable();
    table.text('eol_date').nullable();
    table.boolean('is_eol').nullable().comment('used only without a date');
    table.text('eoes_date').nullable().comment('end of extended support');
    table.text('latest').nullable();
    table.primary(['product', 'name']);
  });
}

/** @param {import('knex').Knex} knex */
async function createRunTables(knex) {
  await knex.schema.createTable('run', table => {
    table.comment('Executions: the record, never the lock');
    table.text('id').primary();
    table.text('kind').notNullable();
    table.text('target').nullable();
    table.text('trigger').notNullable();
    table.text('actor').notNullable();
    table.boolean('dry_run').notNullable();
    table.boolean('force').notNullable();
    table.text('state').notNullable();
    table.integer('attempt').notNullable().defaultTo(0);
    table.integer('done').notNullable().defaultTo(0);
    table.integer('total').notNullable().defaultTo(0);
    table.bigInteger('bytes').notNullable().defaultTo(0);
    table.boolean('cancel_requested').notNullable().defaultTo(false);
    table.text('created_at').notNullable();
    table.text('started_at').nullable();
    table.text('finished_at').nullable();
    table.text('error').nullable();
    table.index(['created_at', 'id']);
    table.index(['kind', 'state', 'created_at']);
  });
  await knex.schema.createTable('run_item', table => {
    table.increments('id');
    table.text('run_id').notNullable();
    table.foreign('run_id').references('run.id').onDelete('CASCADE');
    table.text('reference').notNullable();
    table.text('action').notNullable();
    table.text('reason').nullable();
    table.text('state').notNullable();
    table.text('error').nullable();
    table.unique(['run_id', 'reference']);
  });
  await knex.schema.createTable('run_log', table => {
    table.comment('Log lines, batched by the second');
    table.increments('id');
    table.text('run_id').notNullable();
    table.foreign('run_id').references('run.id').onDelete('CASCADE');
    table.text('at').notNullable();
    table.text('text').notNullable();
    table.index(['run_id', 'id']);
  });
}

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await createDefinitionTables(knex);
  await createMirrorTables(knex);
  await createBaseTables(knex);
  await createImageTables(knex);
  await createApplicationTables(knex);
  await createLifecycleTables(knex);
  await createRunTables(knex);
  await collateByBytes(knex, {
    mirror_tag: ['repository', 'tag', 'version_key', 'pulled_at', 'eol_date'],
    base_tag: ['repository', 'tag', 'version_key', 'built_at', 'eol_date'],
    application: ['repository', 'tag', 'built_at', 'registered_at'],
    run: ['created_at', 'id'],
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  for (const table of [
    'run_log',
    'run_item',
    'run',
    'cycle',
    'product',
    'transition',
    'registration',
    'application',
    'verdict',
    'base_use',
    'image_digest',
    'build',
    'base_tag',
    'pull',
    'mirror_tag',
    'definition',
  ]) {
    await knex.schema.dropTable(table);
  }
};
