// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('verdict', table => {
    table
      .text('judged_at')
      .nullable()
      .comment('For the first time: that is no transition yet');
  });
  await knex('verdict').update({ judged_at: knex.ref('since') });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  // Knex would make the table anew on SQLite, and others refer to its rows
  await knex.raw('ALTER TABLE verdict DROP COLUMN judged_at');
};
