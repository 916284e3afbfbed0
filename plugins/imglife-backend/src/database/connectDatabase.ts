import {
  DatabaseService,
  resolvePackagePath,
} from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';

/**
 * The plugin's Knex client, its tables brought up to date unless the database
 * service says to skip that.
 *
 * Names of migrations that this version does not know are let be, so that an
 * old replica starts on a newer database during a rolling upgrade.
 */
export async function connectDatabase(
  database: DatabaseService,
): Promise<Knex> {
  const knex = await database.getClient();
  if (!database.migrations?.skip) {
    await knex.migrate.latest({
      directory: resolvePackagePath(
        '@imglife/backstage-plugin-imglife-backend',
        'migrations',
      ),
      disableMigrationsListValidation: true,
    });
  }
  return knex;
}
