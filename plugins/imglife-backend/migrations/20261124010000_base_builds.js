// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('base_tag', table => {
    table
      .text('changes')
      .notNullable()
      .defaultTo('[]')
      .comment('JSON BuildChange[]: the reasons with old and new value');
    table.text('template').nullable().comment('as written, last published');
    table.text('args').nullable().comment('JSON, last published');
    table.text('image_created').nullable().comment('created of the image');
    table.text('withdrawal').nullable().comment('JSON Withdrawal');
  });
  await knex.schema.alterTable('build', table => {
    table.text('changes').notNullable().defaultTo('[]').comment('JSON');
  });
  await knex.schema.alterTable('run_item', table => {
    table.text('changes').nullable().comment('JSON BuildChange[]');
  });
  await knex.schema.createTable('floating_tag', table => {
    table.comment('Tags of bases that move on, such as latest');
    table.text('repository').notNullable();
    table.text('tag').notNullable();
    table.text('base_tag').notNullable().comment('what it stands for');
    table.text('digest').notNullable();
    table.text('moved_at').notNullable();
    table.primary(['repository', 'tag']);
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('floating_tag');
  await knex.schema.alterTable('run_item', table => {
    table.dropColumn('changes');
  });
  await knex.schema.alterTable('build', table => {
    table.dropColumn('changes');
  });
  await knex.schema.alterTable('base_tag', table => {
    for (const column of [
      'changes',
      'template',
      'args',
      'image_created',
      'withdrawal',
    ]) {
      table.dropColumn(column);
    }
  });
};
