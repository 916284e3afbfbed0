// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('image_digest', table => {
    table
      .text('source')
      .nullable()
      .comment(
        'Its label org.opencontainers.image.source: what is built on it inherits it',
      );
    table
      .text('revision')
      .nullable()
      .comment('Its label org.opencontainers.image.revision');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('image_digest', table => {
    table.dropColumn('source');
    table.dropColumn('revision');
  });
};
