// @ts-check

// What pages of all applications, whatever their state, go along; what names
// `current` has indexes since the first migration.
const ALL = [
  ['verdict_id', 'repository', 'tag'],
  ['built_at', 'repository', 'tag'],
];

/** @param {import('knex').Knex} knex */
exports.up = async knex => {
  await knex.schema.alterTable('application', table => {
    for (const columns of ALL) {
      table.index(columns);
    }
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async knex => {
  await knex.schema.alterTable('application', table => {
    for (const columns of ALL) {
      table.dropIndex(columns);
    }
  });
};
