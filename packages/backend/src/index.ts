import { createBackend } from '@backstage/backend-defaults';

const backend = createBackend();

backend.add(import('@backstage/plugin-app-backend'));
backend.add(import('@backstage/plugin-auth-backend'));
backend.add(import('@backstage/plugin-auth-backend-module-guest-provider'));
backend.add(import('@backstage/plugin-permission-backend'));
backend.add(
  import('@backstage/plugin-permission-backend-module-allow-all-policy'),
);
backend.add(import('@backstage/plugin-catalog-backend'));
backend.add(import('@backstage/plugin-events-backend'));
backend.add(import('@imglife/backstage-plugin-imglife-backend'));
backend.add(import('@imglife/backstage-plugin-catalog-backend-module-imglife'));
backend.add(import('@imglife/backstage-plugin-events-backend-module-imglife'));

// Without this the process would go on, and answer 503 for what did not start
backend.start().catch((error: unknown) => {
  process.stderr.write(`${error}\n`);
  process.exit(1);
});
