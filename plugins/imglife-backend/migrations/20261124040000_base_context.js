// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.createTable('base_context', table => {
    table.comment('Build contexts of published bases, by what they hold');
    table.text('hash').primary().comment('over paths, modes and contents');
    table.binary('content').notNullable().comment('tar, gzip');
    table.text('used_at').notNullable().comment('when last published with');
  });
  await knex.schema.alterTable('base_tag', table => {
    table.text('context_hash').nullable().comment('null: it is not kept');
    table.text('context_commit').nullable().comment('JSON, of the context');
    table.index(['context_hash'], 'base_tag_context_hash_idx');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('base_tag', table => {
    table.dropIndex(['context_hash'], 'base_tag_context_hash_idx');
    table.dropColumn('context_commit');
    table.dropColumn('context_hash');
  });
  await knex.schema.dropTable('base_context');
};
