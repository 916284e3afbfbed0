import type { Knex } from 'knex';
import { fromKnex } from 'pg-boss';

/**
 * pg-boss's statements over a Knex pool. pg-boss sends `BEGIN; …; COMMIT` as
 * one text; where a statement between them fails, such as the lost race of two
 * replicas to make the tables, the connection stays in a failed transaction,
 * and Knex would hand it to the next query of the plugin. So every failure is
 * rolled back on its own connection.
 */
export function fromKnexPool(knex: Knex): ReturnType<typeof fromKnex> {
  return {
    async executeSql(text, values) {
      const connection = await knex.client.acquireConnection();
      const raw = (sql: string, bindings: readonly unknown[] = []) =>
        knex.raw(sql, bindings as Knex.RawBinding[]).connection(connection);
      try {
        return await fromKnex({ raw }).executeSql(text, values);
      } catch (error) {
        // A broken connection cannot roll back, nor needs to.
        await raw('ROLLBACK').catch(() => {});
        throw error;
      } finally {
        await knex.client.releaseConnection(connection);
      }
    },
  };
}
