// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('transition', table => {
    table
      .text('notified_at')
      .nullable()
      .comment('When the owners of what it touches were told, or need not be');
  });
  await knex('transition').update({ notified_at: knex.ref('at') });
  // of the few that are left to tell
  await knex.raw(
    'CREATE INDEX transition_untold_idx ON transition (id) WHERE notified_at IS NULL',
  );
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.raw('DROP INDEX transition_untold_idx');
  await knex.raw('ALTER TABLE transition DROP COLUMN notified_at');
};
