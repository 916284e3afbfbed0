// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('application', table => {
    table
      .boolean('discovered')
      .notNullable()
      .defaultTo(false)
      .comment('found by a scan, registered by nobody');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('application', table => {
    table.dropColumn('discovered');
  });
};
