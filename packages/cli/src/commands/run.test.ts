import type { Run } from '@imglife/backstage-plugin-imglife-common';
import { CliHarness } from '../testing/CliHarness';

const cli = CliHarness.create();
beforeEach(cli.start);
afterEach(cli.stop);

const running: Run = {
  id: '7',
  kind: 'sync',
  target: 'alpine',
  trigger: 'user',
  actor: 'external:ci',
  dryRun: false,
  state: 'running',
  progress: { done: 1, total: 4, bytes: 1_234_567 },
  items: [],
  createdAt: '2026-04-01T10:00:00Z',
  startedAt: '2026-04-01T10:00:00Z',
  finishedAt: null,
  error: null,
};
const succeeded: Run = {
  ...running,
  state: 'succeeded',
  progress: { done: 4, total: 4, bytes: 5_000_000 },
  items: [
    {
      reference: 'registry.example.com/mirrors/alpine:3.21.3',
      action: 'copy',
      reason: 'new',
      state: 'done',
      error: null,
    },
  ],
};

/** A portal where a run passes through these states, one at each look. */
function portalWith(states: Run[], log = 'first line\nlast line\n') {
  const left = [...states];
  cli.portal.answer = ({ method, path }) => {
    if (method === 'POST') {
      return { status: 202, body: { id: '7' } };
    }
    if (path.endsWith('/log?follow=true')) {
      return { body: log };
    }
    return { body: left.length > 1 ? left.shift()! : left[0] };
  };
}

it.each([
  [['sync'], { kind: 'sync' }],
  [
    ['sync', 'alpine', '--dry-run'],
    { kind: 'sync', target: 'alpine', dryRun: true },
  ],
  [
    ['build', 'alpine', '--force'],
    { kind: 'build', target: 'alpine', force: true },
  ],
  [['lifecycle', '--dry-run'], { kind: 'lifecycle', dryRun: true }],
  [['scan'], { kind: 'scan' }],
  [
    ['scan', '--dry-run', '--force'],
    { kind: 'scan', dryRun: true, force: true },
  ],
  [['verify', '--dry-run'], { kind: 'verify', dryRun: true }],
  [['retention'], { kind: 'retention' }],
  [
    ['retention', 'bases/alpine', '--dry-run'],
    { kind: 'retention', target: 'bases/alpine', dryRun: true },
  ],
])('%j starts a run and leaves it', async (argv, body) => {
  portalWith([running]);
  const { code, stdout } = await cli.run(argv);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `queued ${argv[0]} 7\n`,
  });
  expect(cli.portal.requests).toMatchObject([
    { method: 'POST', path: '/api/imglife/v1/runs', body },
  ]);
});

it('restores an image, and waits for it', async () => {
  const reference = 'registry.example.com/bases/alpine:3.21.3-core1.0.0';
  portalWith([{ ...succeeded, kind: 'restore', target: reference, items: [] }]);
  const left = await cli.run(['restore', reference]);
  expect(left).toMatchObject({ code: 0, stdout: 'queued restore 7\n' });
  expect(cli.portal.requests).toMatchObject([
    {
      method: 'POST',
      path: '/api/imglife/v1/retention/restore',
      body: { reference },
    },
  ]);
  const waited = await cli.run(['restore', reference, '--wait']);
  expect(waited.code).toBe(0);
  expect(waited.stdout).toContain('restore succeeded: 4 of 4\n');
});

it('waits with lines in a pipeline', async () => {
  portalWith([running, running, succeeded]);
  const { code, stdout, stderr } = await cli.run(['sync', '--wait']);
  expect(code).toBe(0);
  expect(stderr).toBe('sync running 1/4 1.2 MB\nsync succeeded 4/4 5.0 MB\n');
  expect(stdout).toBe(`first line
last line
STATE  ACTION  IMAGE                                       WHY
done   copy    registry.example.com/mirrors/alpine:3.21.3  new
sync succeeded: 4 of 4
`);
});

it('says in a dry run how much would be moved', async () => {
  const [copy] = succeeded.items;
  const reference = 'registry.example.com/mirrors/alpine:3.21.4';
  const items: Run['items'] = [
    { ...copy, state: 'planned', bytes: 3_456_789 },
    { ...copy, reference, action: 'none', reason: 'is there', bytes: 0 },
    { ...copy, reference: 'library/alpine:edge', reason: 'not selected' },
  ];
  portalWith([{ ...succeeded, dryRun: true, items }]);
  const { stdout } = await cli.run(['sync', '--dry-run', '--wait']);
  expect(stdout).toBe(`first line
last line
STATE    ACTION  IMAGE                                       SIZE    WHY
planned  copy    registry.example.com/mirrors/alpine:3.21.3  3.5 MB  new
done     none    registry.example.com/mirrors/alpine:3.21.4  0 B     is there
done     copy    library/alpine:edge                                 not selected
sync succeeded: 4 of 4, nothing was changed
`);
});

it('waits with a bar on a terminal', async () => {
  portalWith([running, succeeded]);
  const { stderr } = await cli.run(['sync', '--wait'], {}, { isTTY: true });
  const bars = stderr.split('\r\u001b[K').filter(Boolean);
  expect(bars).toContain('sync running [######------------------] 1/4 1.2 MB');
  expect(bars).toContain(`sync succeeded [${'#'.repeat(24)}] 4/4 5.0 MB`);
  // the line is left empty
  expect(stderr.endsWith('\r\u001b[K')).toBe(true);
});

it.each([{ CI: 'true' }, { TERM: 'dumb' }])(
  'writes plain lines to a terminal with %j',
  async env => {
    portalWith([running, succeeded]);
    const { stderr } = await cli.run(['sync', '--wait'], env, { isTTY: true });
    expect(stderr).not.toContain('\u001b');
  },
);

it.each<[Partial<Run>, number]>([
  [{ state: 'failed', error: 'registry.example.com is away' }, 1],
  [{ state: 'cancelled' }, 1],
  [{ dryRun: true }, 0],
])('ends as the run did: %j', async (end, expected) => {
  portalWith([{ ...succeeded, ...end }]);
  const { code, stdout } = await cli.run(['sync', '--wait']);
  expect(code).toBe(expected);
  expect(stdout).toContain(
    `sync ${end.state ?? 'succeeded'}: 4 of 4${
      end.dryRun ? ', nothing was changed' : ''
    }\n`,
  );
  expect(stdout.includes('registry.example.com is away')).toBe(
    Boolean(end.error),
  );
});

it('prints nothing but the run as json', async () => {
  portalWith([running, succeeded]);
  const started = await cli.run(['sync', '--output', 'json']);
  expect(JSON.parse(started.stdout)).toEqual({ id: '7' });
  const ended = await cli.run(['sync', '--wait', '--output', 'json']);
  expect(JSON.parse(ended.stdout)).toEqual(succeeded);
  expect(ended.stderr).toBe('');
});

it('leaves the run on Ctrl-C and says so', async () => {
  portalWith([running]);
  const waiting = cli.run(['sync', '--wait']);
  while (cli.portal.requests.length < 5) {
    await new Promise(resolve => {
      setTimeout(resolve, 5);
    });
  }
  cli.interrupt!();
  const { code, stderr } = await waiting;
  expect(code).toBe(130);
  expect(stderr).toContain(
    'imglife: no longer waiting; the run 7 goes on in the portal\n',
  );
  expect(cli.portal.requests.some(({ path }) => path.includes('cancel'))).toBe(
    false,
  );
});

it('takes up a log that broke off', async () => {
  let looks = 0;
  portalWith([running]);
  const { answer } = cli.portal;
  cli.portal.answer = request => {
    if (request.path.endsWith('/log?follow=true')) {
      looks += 1;
      return looks === 1
        ? { broken: true, body: 'first line\ncut' }
        : { body: 'first line\nlast line\n' };
    }
    const ended = looks > 1 && request.method === 'GET';
    return ended ? { body: succeeded } : answer(request);
  };
  const { stdout } = await cli.run(['sync', '--wait']);
  expect(stdout.match(/^first line$/gm)).toHaveLength(1);
  expect(stdout).toContain('last line\n');
});
