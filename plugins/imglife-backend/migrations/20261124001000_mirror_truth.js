// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('mirror_tag', table => {
    table
      .text('pending_digest')
      .nullable()
      .comment('of upstream, waiting to be accepted');
    table.text('accepted_digest').nullable();
    table.text('accepted_by').nullable();
    table.text('accepted_at').nullable();
    table
      .text('wanted_platforms')
      .notNullable()
      .defaultTo('')
      .comment('what was asked for, joined by a comma; empty: all');
    table.text('notes').notNullable().defaultTo('[]').comment('JSON');
  });
  await knex.schema.alterTable('pull', table => {
    table.text('notes').notNullable().defaultTo('[]').comment('JSON');
    table.index(['repository', 'at']);
  });
  await knex.schema.alterTable('run_item', table => {
    table.bigInteger('bytes').nullable();
  });
  await knex.schema.createTable('upstream_tag', table => {
    table.comment(
      'Upstream tags with a minimum age: since when they are there',
    );
    table.text('repository').notNullable();
    table.text('tag').notNullable();
    table.text('first_seen_at').notNullable();
    table.text('image_created').nullable();
    table.primary(['repository', 'tag']);
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('upstream_tag');
  await knex.schema.alterTable('run_item', table => {
    table.dropColumn('bytes');
  });
  await knex.schema.alterTable('pull', table => {
    table.dropIndex(['repository', 'at']);
    table.dropColumn('notes');
  });
  await knex.schema.alterTable('mirror_tag', table => {
    table.dropColumns(
      'pending_digest',
      'accepted_digest',
      'accepted_by',
      'accepted_at',
      'wanted_platforms',
      'notes',
    );
  });
};
