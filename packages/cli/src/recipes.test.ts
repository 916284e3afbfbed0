import { execFile, execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { PortalServer } from './testing/PortalServer';
import { verdictOf } from './testing/verdictOf';

jest.setTimeout(60_000);

const TOKEN = 'a-token-of-the-pipeline';
const recipes = path.resolve(__dirname, '../../../docs/ci');
const outdated = verdictOf({
  freshness: 'outdated',
  violations: ['outdated'],
  warnings: ['base image is outdated'],
});
let portal: PortalServer;
let bin: string;
let folder: string;

beforeAll(async () => {
  portal = await PortalServer.start();
  bin = await mkdtemp(path.join(os.tmpdir(), 'imglife-recipes-bin-'));
  const bundle = path.join(bin, 'imglife.cjs');
  execFileSync(process.execPath, [
    path.resolve(__dirname, '../build.mjs'),
    bundle,
  ]);
  // In npx's place: the package is the one of this repository
  await writeFile(
    path.join(bin, 'npx'),
    `#!/bin/sh
[ "$1 $2" = "--yes @imglife/cli" ] || exit 99
shift 2
exec '${process.execPath}' -e 'require("${bundle}").runOnProcess(process)' imglife "$@"
`,
  );
  await chmod(path.join(bin, 'npx'), 0o755);
});

afterAll(async () => {
  await portal.stop();
  await rm(bin, { recursive: true, force: true });
});

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-recipes-'));
  await writeFile(
    path.join(folder, 'Dockerfile'),
    `FROM ${verdictOf().base}\n`,
  );
  portal.requests.length = 0;
  answerWith(verdictOf());
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function answerWith(verdict: object): void {
  portal.answer = ({ method, path: asked, headers }) => {
    if (asked.startsWith('/oidc')) {
      return headers.authorization === 'bearer request-token' &&
        asked.endsWith('&audience=imglife')
        ? { body: { value: TOKEN } }
        : { status: 401 };
    }
    if (headers.authorization !== `Bearer ${TOKEN}`) {
      return { status: 401 };
    }
    return method === 'POST'
      ? {
          status: 201,
          body: {
            reference: 'registry.example.com/apps/shop:1',
            base: null,
            detection: { method: 'none', confidence: 'none', mismatch: false },
            status: 'unknown',
            verdict,
          },
        }
      : { body: verdict };
  };
}

/** The code blocks of a page, in one language. */
async function blocks(page: string, language: string): Promise<string[]> {
  const text = await readFile(path.join(recipes, page), 'utf8');
  return [...text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)]
    .filter(([, found]) => found === language)
    .map(([, , code]) => code);
}

/** Runs commands as a step of a pipeline does. */
function runStep(
  script: string,
  env: Record<string, string>,
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise(resolve => {
    execFile(
      'bash',
      ['--norc', '-eo', 'pipefail', '-c', script],
      {
        cwd: folder,
        env: {
          PATH: `${bin}:${process.env.PATH}`,
          IMGLIFE_URL: portal.url,
          ...env,
        },
      },
      (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

const written = (file: string) => readFile(path.join(folder, file), 'utf8');
const posted = () =>
  portal.requests.find(({ method }) => method === 'POST')?.body;

it('GitLab CI', async () => {
  const [page] = await blocks('gitlab.md', 'yaml');
  const jobs = parse(page);
  const env = {
    IMGLIFE_TOKEN: TOKEN,
    GITLAB_CI: 'true',
    CI_COMMIT_SHA: 'a3f8b1c',
    CI_PROJECT_PATH: 'team/shop',
    CI_JOB_URL: 'https://gitlab.example.com/team/shop/-/jobs/1',
    CI_REGISTRY_IMAGE: 'registry.example.com/apps/shop',
    CI_COMMIT_TAG: '1.2.0',
  };
  for (const job of Object.values<{ id_tokens: object }>(jobs)) {
    expect(job.id_tokens).toEqual({ IMGLIFE_TOKEN: { aud: 'imglife' } });
  }
  const check = jobs['base-image'].script.join('\n');
  expect(await runStep(check, env)).toMatchObject({ code: 0, stderr: '' });
  const { codequality } = jobs['base-image'].artifacts.reports;
  expect(JSON.parse(await written(codequality))).toEqual([]);
  answerWith(outdated);
  expect((await runStep(check, env)).code).toBe(1);
  expect(JSON.parse(await written(codequality))).toHaveLength(1);

  const register = jobs['register-image'].script.join('\n');
  expect((await runStep(register, env)).code).toBe(0);
  expect(posted()).toEqual({
    image: 'registry.example.com/apps/shop:1.2.0',
    revision: 'a3f8b1c',
    project: 'team/shop',
    fields: { ci_job_url: env.CI_JOB_URL },
  });
});

it.each([
  ['OIDC', 0],
  ['a secret', 1],
])('GitHub Actions with %s', async (_title, index) => {
  const page = (await blocks('github.md', 'yaml'))[index];
  const { steps, env: jobEnv } = parse(page).jobs.image;
  expect(jobEnv.IMGLIFE_URL).toMatch(/^https:/);
  const env: Record<string, string> = {
    GITHUB_ACTIONS: 'true',
    GITHUB_SHA: 'a3f8b1c',
    GITHUB_REPOSITORY: 'team/shop',
    GITHUB_ENV: path.join(folder, 'env'),
    GITHUB_STEP_SUMMARY: path.join(folder, 'summary'),
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token',
    ACTIONS_ID_TOKEN_REQUEST_URL: `${portal.url}/oidc?api-version=2`,
    ...(index === 1 && { IMGLIFE_TOKEN: TOKEN }),
  };
  for (const { run } of steps.filter((step: { run?: string }) => step.run)) {
    const set = await written('env').catch(() => '');
    const [, token] = set.match(/^IMGLIFE_TOKEN=(.*)$/m) ?? [];
    const { code, stderr } = await runStep(run, {
      ...env,
      ...(token && { IMGLIFE_TOKEN: token }),
    });
    expect({ run, code, stderr }).toEqual({ run, code: 0, stderr: '' });
  }
  expect(posted()).toEqual({
    image: 'ghcr.io/team/shop:a3f8b1c',
    revision: 'a3f8b1c',
    project: 'team/shop',
  });
  const summary = await written('summary').catch(() => '');
  expect(summary.includes('### ✅ Base image')).toBe(index === 0);
});

it('Jenkins', async () => {
  const [page] = await blocks('jenkins.md', 'groovy');
  const [check, register] = [...page.matchAll(/\bsh '(.*)'$/gm)].map(
    ([, command]) => command,
  );
  const env = {
    IMGLIFE_TOKEN: TOKEN,
    JENKINS_URL: 'https://jenkins.example.com/',
    BUILD_URL: 'https://jenkins.example.com/job/shop/7/',
    BUILD_NUMBER: '7',
    GIT_COMMIT: 'a3f8b1c',
    GIT_URL: 'https://git.example.com/team/shop.git',
  };
  answerWith(outdated);
  expect((await runStep(check, env)).code).toBe(1);
  expect(await written('imglife.xml')).toContain('<failure ');
  expect((await runStep(register, env)).code).toBe(0);
  expect(posted()).toEqual({
    image: 'registry.example.com/apps/shop:7',
    revision: 'a3f8b1c',
    project: 'team/shop',
    fields: { ci_job_url: env.BUILD_URL },
  });
});

it('curl', async () => {
  const [check, register] = await blocks('curl.md', 'sh');
  const env = {
    IMGLIFE_TOKEN: TOKEN,
    BASE_IMAGE: verdictOf().base,
    IMAGE: 'registry.example.com/apps/shop:1.2.0',
    REVISION: 'a3f8b1c',
    PROJECT: 'team/shop',
  };
  expect(await runStep(check, env)).toMatchObject({ code: 0, stderr: '' });
  answerWith(outdated);
  const violated = await runStep(check, env);
  expect(violated).toMatchObject({ code: 1, stderr: '' });
  expect(violated.stdout).toContain('base image is outdated');
  expect(await runStep(register, env)).toMatchObject({ code: 0, stderr: '' });
  expect(posted()).toEqual({
    image: env.IMAGE,
    base: env.BASE_IMAGE,
    revision: 'a3f8b1c',
    project: 'team/shop',
  });
  const refused = await runStep(check, { ...env, IMGLIFE_TOKEN: 'another' });
  expect(refused.code).toBe(22);
});
