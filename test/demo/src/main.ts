import { TestRegistry } from '@imglife/test-registry';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { buildFrontEnd } from './buildFrontEnd';
import { ChildProcesses } from './ChildProcesses';
import { fillUpstream } from './fillUpstream';
import { readSettings } from './readSettings';
import { runDemoCi } from './runDemoCi';
import { waitForPortal, waitForTiers } from './waitForPortal';

const root = path.resolve(
  path.dirname(require.resolve('@imglife/test-demo/package.json')),
  '../..',
);
const transform = path.join(
  root,
  'node_modules/@backstage/cli-node/config/nodeTransform.cjs',
);

/**
 * The demo: two registries, the portal, which syncs, builds and judges by
 * itself, and a CI that registers applications through the command line.
 */
async function main(command: string): Promise<void> {
  const settings = readSettings(process.env, root, command === 'start');
  const children = new ChildProcesses();
  const registries: TestRegistry[] = [];
  const stop = async () => {
    await children.stop();
    await Promise.all(registries.map(registry => registry.stop()));
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void stop().then(() => process.exit(0));
    });
  }
  try {
    await mkdir(settings.directory, { recursive: true });
    for (const [name, port] of [
      ['upstream', settings.upstreamPort],
      ['private', settings.privatePort],
    ] as const) {
      const directory = path.join(settings.directory, name);
      registries.push(
        await TestRegistry.start({ port, storage: { directory } }),
      );
      say(`registry ${name} on http://127.0.0.1:${port}`);
    }
    const filled = await fillUpstream(`127.0.0.1:${settings.upstreamPort}`);
    say(`upstream: ${filled.pushed} tags pushed, ${filled.present} were there`);
    if (command === 'demo') {
      await buildFrontEnd(root, say);
    }
    children.start(
      'portal',
      process.execPath,
      [
        '--enable-source-maps',
        '--require',
        transform,
        'src/index.ts',
        '--config',
        path.join(root, 'app-config.yaml'),
      ],
      {
        cwd: path.join(root, 'packages/backend'),
        env: settings.portalEnv,
        logFile: path.join(settings.directory, 'portal.log'),
        onExit: () => void stop().then(() => process.exit(1)),
      },
    );
    await waitForPortal(settings.portalUrl);
    say('the portal is up; it syncs and builds now');
    await waitForTiers(settings.portalUrl, 'demo-platform-token', say);
    const results = await runDemoCi({
      privateHost: `127.0.0.1:${settings.privatePort}`,
      portalUrl: settings.portalUrl,
      token: 'demo-ci-token',
      cli: [
        process.execPath,
        '--require',
        transform,
        path.join(root, 'packages/cli/src/main.ts'),
      ],
    });
    for (const { image, state, output } of results) {
      if (state === 'failed' || state === 'skipped') {
        say(`${image}: ${state}: ${output}`);
      }
    }
    say(`the demo CI registered ${results.length} applications`);
    if (command === 'start') {
      children.start(
        'app',
        'yarn',
        ['workspace', 'app', 'start', '--config', '../../app-config.yaml'],
        {
          cwd: root,
          env: settings.portalEnv,
          logFile: path.join(settings.directory, 'app.log'),
          onExit: () => void stop().then(() => process.exit(1)),
        },
      );
    }
    printWhereToLook(settings.appUrl, settings);
  } catch (error) {
    say(
      `the demo cannot go on: ${
        error instanceof Error ? error.message : error
      }`,
    );
    say(`the portal's log is ${path.join(settings.directory, 'portal.log')}`);
    await stop();
    process.exit(1);
  }
}

function say(line: string): void {
  process.stdout.write(`demo: ${line}\n`);
}

function printWhereToLook(
  appUrl: string,
  ports: { upstreamPort: number; privatePort: number },
): void {
  process.stdout.write(`
The portal is on ${appUrl}
  tiers            ${appUrl}/imglife
  a component      ${appUrl}/catalog/default/component/ledger
  upstream         http://127.0.0.1:${ports.upstreamPort}
  private          http://127.0.0.1:${ports.privatePort}
The images are tiny stand-ins under real names. Ctrl-C stops everything; a
second start keeps the data in .demo/.
`);
}

void main(process.argv[2] ?? 'demo');
