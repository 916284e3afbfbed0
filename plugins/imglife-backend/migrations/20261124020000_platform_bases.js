// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('application', table => {
    table
      .boolean('squashed')
      .notNullable()
      .defaultTo(false)
      .comment('without the layers of what it says it is built on');
  });
  await knex.schema.createTable('application_platform', table => {
    table.comment(
      'What each platform stands on, of images where that is not one base',
    );
    table.integer('application_id').notNullable();
    table
      .foreign('application_id')
      .references('application.id')
      .onDelete('CASCADE');
    table.integer('position').notNullable().comment('in the index');
    table.text('platform').notNullable();
    table.text('base_reference').nullable();
    table.text('base_digest').nullable();
    table.text('base_name').nullable();
    table.text('base_version').nullable();
    table.integer('verdict_id').notNullable();
    table.foreign('verdict_id').references('verdict.id');
    table.primary(['application_id', 'position']);
    table.index(['verdict_id']);
    table.index(['base_reference']);
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('application_platform');
  await knex.schema.alterTable('application', table => {
    table.dropColumn('squashed');
  });
};
