import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

const SOURCES = ['packages/app', 'plugins/imglife', 'plugins/imglife-common'];

/** Builds the portal's front end, unless the built one is newer than its sources. */
export async function buildFrontEnd(
  root: string,
  say: (line: string) => void,
): Promise<void> {
  const built = await mtime(path.join(root, 'packages/app/dist/index.html'));
  const sources = await Promise.all(
    SOURCES.map(folder => newest(path.join(root, folder))),
  );
  if (built > Math.max(...sources)) {
    say('the front end is built already');
    return;
  }
  say('the front end is being built');
  await run(root, 'yarn', [
    'workspace',
    'app',
    'build',
    '--config',
    '../../app-config.yaml',
  ]);
}

async function newest(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true });
  const times = await Promise.all(
    entries
      .filter(({ name }) => !['node_modules', 'dist'].includes(name))
      .map(entry => {
        const file = path.join(folder, entry.name);
        return entry.isDirectory() ? newest(file) : mtime(file);
      }),
  );
  return Math.max(0, ...times);
}

async function mtime(file: string): Promise<number> {
  try {
    return (await stat(file)).mtimeMs;
  } catch {
    return 0;
  }
}

function run(cwd: string, command: string, args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const output: Buffer[] = [];
    const child = spawn(command, args, {
      cwd,
      // a test's own NODE_ENV must not decide how the portal is built
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', chunk => output.push(chunk));
    child.stderr.on('data', chunk => output.push(chunk));
    child.once('error', reject);
    child.once('exit', code =>
      code === 0
        ? resolve()
        : reject(
            new Error(
              `${command} ${args.join(' ')} failed:\n${Buffer.concat(output)}`,
            ),
          ),
    );
  });
}
