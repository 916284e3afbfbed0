// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.createTable('adoption_day', table => {
    table.comment('Current applications per base and cycle, day by day');
    table.text('day').notNullable().comment('YYYY-MM-DD, UTC');
    table
      .text('tier')
      .notNullable()
      .comment('bases | mirrors | upstream | scratch | unknown');
    table.text('base').notNullable().comment('empty = none');
    table.text('product').notNullable().comment('empty = unknown');
    table.text('cycle').notNullable().comment('empty = unknown');
    table.integer('applications').notNullable();
    table.primary(['day', 'tier', 'base', 'product', 'cycle']);
  });
  await knex.schema.alterTable('transition', table => {
    table.index(['reference', 'id']);
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('transition', table => {
    table.dropIndex(['reference', 'id']);
  });
  await knex.schema.dropTable('adoption_day');
};
