import type { LoggerService } from '@backstage/backend-plugin-api';
import { stringifyError } from '@backstage/errors';
import type { Knex } from 'knex';
import { joinedText } from './searchText';

const INDEX = 'application_search_text';
/** Over the words of references, each for itself: it found too much. */
const FORMER_INDEX = 'application_reference_search';

/**
 * Gives the search of applications its index, on PostgreSQL by `pg_trgm`: a
 * trusted extension, made by whoever may create something in the database.
 * Where that is refused, search goes past all rows, and a warning says so at
 * every start until it is there.
 */
export async function indexSearch(
  knex: Knex,
  logger: Pick<LoggerService, 'warn'>,
): Promise<void> {
  if (knex.client.config.client !== 'pg') {
    return;
  }
  try {
    await knex.transaction(async trx => {
      // Replicas start together
      await trx.raw(
        "SELECT pg_advisory_xact_lock(hashtextextended('imglife search', 0))",
      );
      await trx.raw('CREATE EXTENSION IF NOT EXISTS pg_trgm');
      // It may be in the schema of somebody else
      const { rows } = await trx.raw(
        `SELECT nspname AS schema FROM pg_extension
         JOIN pg_namespace ON pg_namespace.oid = extnamespace
         WHERE extname = 'pg_trgm'`,
      );
      await trx.raw(
        `CREATE INDEX IF NOT EXISTS ?? ON application
         USING gin ((${joinedText()}) ??.gin_trgm_ops)`,
        [INDEX, rows[0].schema],
      );
      await trx.raw('DROP INDEX IF EXISTS ??', [FORMER_INDEX]);
    });
  } catch (error) {
    logger.warn(
      `Searching many applications will be slow: the extension pg_trgm cannot be used: ${stringifyError(
        error,
      )}; let an administrator run CREATE EXTENSION pg_trgm in this database and start again`,
    );
  }
}
