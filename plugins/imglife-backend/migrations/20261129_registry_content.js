// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.createTable('registry_content', table => {
    table.comment(
      'Manifests and blobs that mirrors have brought, and where to: hints of what a registry can mount',
    );
    table.text('registry').notNullable().comment('host');
    table.text('digest').notNullable();
    table.text('repository').notNullable().comment('path at the registry');
    table.primary(['registry', 'digest', 'repository']);
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('registry_content');
};
