// Every check of the project, one after another: formatting, lint, types, and
// the tests of all workspaces. Ends with `N passed, N failed, N skipped`.
// usage: node test/all.mjs [--only unit|e2e]
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startPostgres } from './postgres.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({ options: { only: { type: 'string' } } });
const totals = { passed: 0, failed: 0, skipped: 0 };

/**
 * Tests against real components that run beside one another: those that wait for
 * builders, and those that need none. All others, which kill processes or count
 * their time and memory, have the machine for themselves.
 */
const REAL_LANES = {
  builders: [
    'attachments',
    'builders',
    'conformance',
    'detection',
    'mainJob',
    'outsideBuilds',
    'smoke',
  ],
  registries: [
    'access',
    'badConfig',
    'clientTable',
    'definitions',
    'mirrorMoved',
    'removeTag',
    'retention',
    'routeTable',
  ],
};

async function main() {
  const work = await mkdtemp(path.join(os.tmpdir(), 'imglife-test-'));
  // PostgreSQL runs as a user of its own when we are root
  await chmod(work, 0o755);
  const postgres = await startPostgres(path.join(work, 'postgres'));
  const env = {
    ...process.env,
    NODE_ENV: 'test',
    NODE_OPTIONS: '--max-old-space-size=4096',
    BACKSTAGE_TEST_DISABLE_DOCKER: '1',
    BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING: postgres.url,
  };
  try {
    if (values.only !== 'e2e') {
      await Promise.all([
        check('lint', ['yarn', 'backstage-cli', 'repo', 'lint'], env),
        check('formatting', ['yarn', 'prettier', '--check', '.'], env).then(
          () => check('types', ['yarn', 'tsc'], env),
        ),
      ]);
      await jest(
        work,
        'unit',
        ['packages/', 'plugins/', 'test/registry/', 'test/demo/'],
        env,
      );
    }
    if (values.only === undefined) {
      await real(work, env);
    }
    if (values.only !== 'unit') {
      await jest(work, 'e2e', ['test/e2e/'], env, ['--runInBand']);
    }
  } finally {
    await postgres.stop();
    await rm(work, { recursive: true, force: true });
  }
}

async function real(work, env) {
  const of = names => `test/real/src/(${names.join('|')})\\.test\\.ts$`;
  await Promise.all(
    Object.entries(REAL_LANES).map(([lane, names]) =>
      jest(work, `real, ${lane}`, [of(names)], env, ['--runInBand']),
    ),
  );
  const others = `test/real/src/(?!(${Object.values(REAL_LANES)
    .flat()
    .join('|')})\\.test\\.ts$)`;
  await jest(work, 'real, alone', [others], env, ['--runInBand']);
}

/** Runs a command that passes or fails as a whole. */
async function check(name, command, env) {
  console.log(`\n# ${name}`);
  const code = await run(command, env);
  totals[code === 0 ? 'passed' : 'failed'] += 1;
}

/**
 * Runs tests and adds up what they say.
 *
 * @param patterns - of paths below the root: folders, or ends of files
 */
async function jest(work, name, patterns, env, options = []) {
  console.log(`\n# ${name}`);
  const output = path.join(work, `${name.replace(/\W+/g, '-')}.json`);
  const code = await run(
    [
      'yarn',
      'backstage-cli',
      'repo',
      'test',
      '--watchAll=false',
      '--passWithNoTests',
      // a machine that is slow or busy is no failure
      '--testTimeout=60000',
      '--json',
      `--outputFile=${output}`,
      ...options,
      ...patterns.map(pattern => `${root}/${pattern}`),
    ],
    env,
  );
  const result = await readResult(output);
  totals.passed += result.numPassedTests;
  totals.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
  totals.skipped += result.numPendingTests + result.numTodoTests;
  if (
    code !== 0 &&
    result.numFailedTests + result.numRuntimeErrorTestSuites === 0
  ) {
    totals.failed += 1;
  }
}

async function readResult(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return {
      numPassedTests: 0,
      numFailedTests: 0,
      numRuntimeErrorTestSuites: 1,
      numPendingTests: 0,
      numTodoTests: 0,
    };
  }
}

function run([command, ...args], env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env,
      // the results go to a file; what they print beside is for people
      stdio: [
        'ignore',
        args.includes('--json') ? 'ignore' : 'inherit',
        'inherit',
      ],
    });
    child.once('error', reject);
    child.once('exit', code => resolve(code ?? 1));
  });
}

await main();
console.log(
  `\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`,
);
process.exitCode = totals.failed ? 1 : 0;
