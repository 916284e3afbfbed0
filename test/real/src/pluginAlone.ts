import { createBackend } from '@backstage/backend-defaults';

// The plugin with nothing beside it, so that it starts quickly: for tests that
// kill it again and again.
const backend = createBackend();
backend.add(import('@imglife/backstage-plugin-imglife-backend'));

backend.start().catch((error: unknown) => {
  process.stderr.write(`${error}\n`);
  process.exit(1);
});
