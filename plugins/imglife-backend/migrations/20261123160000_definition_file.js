// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async knex => {
  await knex.schema.createTable('definition_file', table => {
    table.comment(
      'Definition files read by URL: the last good content of each',
    );
    table.text('url').notNullable().primary();
    table.text('tried_at').notNullable().comment('empty: never');
    table.text('read_at').nullable().comment('last time it was good');
    table.text('etag').nullable();
    table.text('content').nullable();
    table.text('error').nullable();
    table.text('error_since').nullable();
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async knex => {
  await knex.schema.dropTable('definition_file');
};
