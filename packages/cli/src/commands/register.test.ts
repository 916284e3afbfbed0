import { CliHarness } from '../testing/CliHarness';
import { verdictOf } from '../testing/verdictOf';

const BASE = verdictOf().base;
const cli = CliHarness.create();
beforeEach(cli.start);
afterEach(cli.stop);

const answer = {
  reference: 'registry.example.com/apps/shop:1.2.0',
  base: { reference: BASE, digest: null, name: 'alpine', version: '1' },
  detection: { method: 'chain', confidence: 'confirmed', mismatch: false },
  status: 'warning',
  verdict: verdictOf({
    freshness: 'outdated',
    warnings: ['it is old'],
    advice: 'Set BASE_IMAGE to a newer one.',
  }),
};
const image = ['register', '--image', 'registry.example.com/apps/shop:1.2.0'];

it('sends what it was told over what the pipeline says', async () => {
  cli.portal.answer = () => ({ status: 201, body: answer });
  const { code, stdout } = await cli.run(
    [
      ...image,
      ...['--base', BASE, '--revision', 'mine', '--entity', 'component:a/b'],
      ...['--platform', 'linux/amd64', '--platform', 'linux/arm64'],
      ...['--field', 'stage=test', '--field', 'a=b=c'],
      ...['--built-at', '2026-04-01T10:00:00Z'],
    ],
    {
      GITLAB_CI: 'true',
      CI_COMMIT_SHA: 'theirs',
      CI_PROJECT_PATH: 'team/shop',
      CI_JOB_URL: 'https://gitlab.example.com/jobs/1',
    },
  );
  expect(code).toBe(0);
  expect(cli.portal.requests).toMatchObject([
    {
      method: 'POST',
      path: '/api/imglife/v1/registrations',
      body: {
        image: 'registry.example.com/apps/shop:1.2.0',
        base: BASE,
        revision: 'mine',
        project: 'team/shop',
        platforms: ['linux/amd64', 'linux/arm64'],
        builtAt: '2026-04-01T10:00:00Z',
        entityRef: 'component:a/b',
        fields: {
          stage: 'test',
          a: 'b=c',
          ci_job_url: 'https://gitlab.example.com/jobs/1',
        },
      },
    },
  ]);
  expect(stdout).toBe(`image      registry.example.com/apps/shop:1.2.0
base       ${BASE} (chain, confirmed)
freshness  outdated
status     warning
warning    it is old
advice     Set BASE_IMAGE to a newer one.
`);
});

it('sends only the image when it knows nothing else', async () => {
  cli.portal.answer = () => ({ body: { ...answer, base: null } });
  const { stdout } = await cli.run([...image]);
  expect(cli.portal.requests[0].body).toEqual({ image: answer.reference });
  expect(stdout).toContain('base       none (chain, confirmed)\n');
});

it('says that the layers contradict, and prints json', async () => {
  const mismatch = {
    ...answer,
    detection: { method: 'declared', confidence: 'low', mismatch: true },
  };
  cli.portal.answer = () => ({ body: mismatch });
  expect((await cli.run(image)).stdout).toContain(
    '(declared, low, contradicted by the layers)',
  );
  const json = await cli.run([...image, '--output', 'json']);
  expect(JSON.parse(json.stdout)).toEqual(mismatch);
});
