import { type ChildProcessByStdio, spawn } from 'node:child_process';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { PortalServer } from './testing/PortalServer';
import { verdictOf } from './testing/verdictOf';

jest.setTimeout(60_000);

const TOKEN = 'a-token-of-the-process';
let portal: PortalServer;

beforeAll(async () => {
  portal = await PortalServer.start();
});

afterAll(async () => {
  await portal.stop();
});

/** Runs the command line as a process of its own. */
function run(
  argv: string[],
  env: Record<string, string> = {},
  reader: (
    child: ChildProcessByStdio<null, Readable, Readable>,
  ) => void = () => {},
) {
  const { PATH, HOME } = process.env;
  const child = spawn(
    process.execPath,
    [
      '--require',
      require.resolve('@backstage/cli-node/config/nodeTransform.cjs'),
      path.join(__dirname, 'main.ts'),
      ...argv,
    ],
    {
      env: {
        PATH,
        HOME,
        IMGLIFE_URL: portal.url,
        IMGLIFE_TOKEN: TOKEN,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  reader(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', chunk => (stdout += chunk));
  child.stderr.on('data', chunk => (stderr += chunk));
  return new Promise<{ code: number | null; stdout: string; stderr: string }>(
    (resolve, reject) => {
      child.once('error', reject);
      child.once('close', code => {
        expect(stdout + stderr).not.toContain(TOKEN);
        // Not to a terminal: nothing but text
        expect(stdout + stderr).not.toContain('\u001b');
        resolve({ code, stdout, stderr });
      });
    },
  );
}

it('ends with what was found, after a portal that was busy', async () => {
  portal.answer = () =>
    portal.requests.length === 1
      ? { status: 503, headers: { 'retry-after': '0' } }
      : {
          body: verdictOf({ freshness: 'outdated', violations: ['outdated'] }),
        };
  const argv = ['check', '--base', verdictOf().base, '--strict'];
  const found = await run(argv, { NO_COLOR: '1' });
  expect(found).toMatchObject({ code: 1, stderr: '' });
  expect(found.stdout).toContain('violations outdated\n');
  expect(portal.requests.map(({ headers }) => headers.authorization)).toEqual([
    `Bearer ${TOKEN}`,
    `Bearer ${TOKEN}`,
  ]);
});

it('ends with 2 when it is used wrongly', async () => {
  const wrong = await run(['status', '--colour'], { FORCE_COLOR: '1' });
  expect(wrong).toMatchObject({ code: 2, stdout: '' });
  expect(wrong.stderr).toContain("error: unknown option '--colour'\n");
  expect(wrong.stderr).toContain('run imglife --help for the commands');
});

it('keeps its exit code when nobody reads what it says', async () => {
  portal.answer = () => ({ body: verdictOf({ violations: ['outdated'] }) });
  const argv = ['check', '--base', verdictOf().base, '--strict'];
  expect(await run(argv, {}, child => child.stdout.destroy())).toMatchObject({
    code: 1,
    stderr: '',
  });
});

it('ends with 3 when nobody answers, after some retries', async () => {
  const gone = await PortalServer.start();
  await gone.stop();
  const away = await run(['status'], { IMGLIFE_URL: gone.url });
  expect(away).toMatchObject({ code: 3, stdout: '' });
  expect(away.stderr).toMatch(
    /^imglife: the portal cannot be reached: .*ECONNREFUSED/,
  );
});
