// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.createTable('removal', table => {
    table.comment('Append-only: tags that retention deleted');
    table.increments('id');
    table.text('tier').notNullable().comment('mirrors | bases | applications');
    table.text('name').notNullable().comment('of the definition');
    table.text('repository').notNullable();
    table.text('tag').notNullable();
    table.text('digest').notNullable();
    table.text('reason').notNullable();
    table
      .text('cleared')
      .notNullable()
      .defaultTo('{}')
      .comment('JSON: columns of the row that were cleared');
    table.text('archive_reference').nullable().comment('of the copy');
    table.text('archive_removed_at').nullable();
    table.text('run_id').notNullable();
    table.text('actor').notNullable();
    table.text('at').notNullable();
    table.text('restored_at').nullable();
    table.text('restored_by').nullable();
    table.index(['repository', 'at']);
    table.index(['archive_removed_at', 'at']);
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('removal');
};
