import { mockApis, renderTestApp } from '@backstage/frontend-test-utils';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FakeImglifeApi } from '../../__fixtures__/FakeImglifeApi';
import { lineage, run, runItem } from '../../__fixtures__/images';
import { baseRow, mirrorRow } from '../../__fixtures__/rows';
import { imglifeApiRef } from '../../api/imglifeApiRef';
import { imglifePlugin } from '../../plugin';
import { actionsOf } from './imageActions';

const MIRROR = 'registry.example.com/mirrors/alpine:3.24.1';
const BASE = 'registry.example.com/bases/alpine:3.24.1-core1.0.0';
const PENDING = `sha256:${'d'.repeat(64)}`;

async function choose(
  api: FakeImglifeApi,
  tier: string,
  image: string,
  action: string,
) {
  api.lineage = lineage();
  renderTestApp({
    features: [imglifePlugin],
    mountedRoutes: { '/catalog/:namespace/:kind/:name': entityRouteRef },
    initialRouteEntries: [`/imglife/${tier}?${new URLSearchParams({ image })}`],
    apis: [
      [imglifeApiRef, api as never],
      mockApis.permission({ authorize: AuthorizeResult.ALLOW }),
    ],
  });
  await userEvent.click(await screen.findByRole('button', { name: action }));
  return within(screen.getByRole('dialog'));
}

describe('actionsOf', () => {
  const all = { mayRun: true, mayWithdraw: true };
  const moved = mirrorRow({ state: 'moved', pendingDigest: PENDING });
  const withdrawal = { reason: 'r', replacement: null, at: '', by: '' };
  it.each([
    ['a mirror', { tier: 'mirrors', row: mirrorRow() }, all, ['sync']],
    [
      'one that moved',
      { tier: 'mirrors', row: moved },
      all,
      ['accept', 'sync'],
    ],
    ['a base', { tier: 'bases', row: baseRow() }, all, ['withdraw', 'build']],
    [
      'a withdrawn base',
      { tier: 'bases', row: baseRow({ withdrawal }) },
      all,
      ['build'],
    ],
    [
      'a base never built',
      { tier: 'bases', row: baseRow({ digest: null }) },
      all,
      ['build'],
    ],
    [
      'those who may not run',
      { tier: 'bases', row: baseRow() },
      { mayRun: false, mayWithdraw: true },
      ['withdraw'],
    ],
    [
      'those who may not run mirrors',
      { tier: 'mirrors', row: moved },
      { mayRun: false, mayWithdraw: true },
      [],
    ],
  ] as const)('of %s', (_name, image, rights, expected) => {
    expect(actionsOf(image as never, rights)).toEqual(expected);
  });
});

describe('what is done with an image', () => {
  let api: FakeImglifeApi;

  beforeEach(() => {
    api = new FakeImglifeApi();
    api.mirrors = [mirrorRow()];
    api.bases = [baseRow({ usedBy: 3 })];
  });

  it('builds a base once its reasons were shown', async () => {
    api.run = run(
      [
        runItem({
          state: 'planned',
          changes: [
            { reason: 'new-upstream-tag', from: '3.24.1', to: '3.24.2' },
          ],
        }),
        runItem({
          reference: 'r/alpine:3.24.0',
          action: 'none',
          state: 'skipped',
          reason: 'withdrawn: breaks TLS',
        }),
      ],
      { dryRun: true },
    );
    const dialog = await choose(api, 'bases', BASE, 'Build…');
    expect(await dialog.findByText('This would be done:')).toBeInTheDocument();
    expect(
      dialog.getByText('new-upstream-tag: 3.24.1 → 3.24.2'),
    ).toBeInTheDocument();
    await userEvent.click(
      dialog.getByRole('button', { name: '1 image is left as it is' }),
    );
    expect(dialog.getByText('withdrawn: breaks TLS')).toBeVisible();
    expect(api.runs).toEqual([
      { kind: 'build', target: 'alpine', dryRun: true },
    ]);

    api.run = run([runItem()], { id: 'run-2' });
    jest.spyOn(api, 'startRun').mockImplementation(async request => {
      api.runs.push(request);
      return { id: 'run-2' };
    });
    await userEvent.click(dialog.getByRole('button', { name: 'Build now' }));
    expect(await dialog.findByText('Done')).toBeInTheDocument();
    expect(dialog.getByText('1 image changed')).toBeInTheDocument();
    expect(dialog.getByRole('link', { name: 'Open the run' })).toHaveAttribute(
      'href',
      '/imglife/activity?run=run-2',
    );
    expect(api.runs.at(-1)).toEqual({ kind: 'build', target: 'alpine' });
    await userEvent.click(
      dialog.getByRole('button', { name: 'Back to the image' }),
    );
    expect(
      await dialog.findByRole('region', { name: 'Facts' }),
    ).toBeInTheDocument();
  });

  it('builds nothing that is not due, unless that is asked for', async () => {
    api.run = run([runItem({ action: 'none', state: 'skipped' })]);
    const dialog = await choose(api, 'bases', BASE, 'Build…');
    expect(await dialog.findByText('Nothing is due.')).toBeInTheDocument();
    expect(dialog.getByRole('button', { name: 'Build now' })).toBeDisabled();
    jest.spyOn(api, 'startRun').mockImplementation(async request => {
      api.runs.push(request);
      api.run = run([runItem({ state: 'planned' })], { id: 'run-2' });
      return { id: 'run-2' };
    });
    await userEvent.click(dialog.getByRole('switch'));
    expect(await dialog.findByText('This would be done:')).toBeInTheDocument();
    expect(api.runs.at(-1)).toEqual({
      kind: 'build',
      target: 'alpine',
      dryRun: true,
      force: true,
    });
  });

  it('syncs a mirror, and tells what failed', async () => {
    api.run = run([runItem({ action: 'copy', state: 'planned', bytes: 2048 })]);
    const dialog = await choose(api, 'mirrors', MIRROR, 'Sync…');
    expect(await dialog.findByText(/copy · planned · 2\.0 KiB/)).toBeVisible();
    jest.spyOn(api, 'startRun').mockImplementation(async () => {
      api.run = run(
        [
          runItem({
            action: 'copy',
            state: 'failed',
            error: 'the registry answered 500',
          }),
        ],
        { id: 'run-2', state: 'failed', error: '1 of 1 failed' },
      );
      return { id: 'run-2' };
    });
    await userEvent.click(dialog.getByRole('button', { name: 'Sync now' }));
    expect(await dialog.findByRole('alert')).toHaveTextContent(
      'The run failed',
    );
    expect(dialog.getByText('1 of 1 failed')).toBeInTheDocument();
    expect(dialog.getByText('the registry answered 500')).toBeInTheDocument();
  });

  it('says that a run is out of sight, and finds it again', async () => {
    api.run = run([runItem({ state: 'planned' })]);
    const dialog = await choose(api, 'mirrors', MIRROR, 'Sync…');
    await dialog.findByText('This would be done:');
    const read = jest
      .spyOn(api, 'getRun')
      .mockRejectedValueOnce(new Error('the portal restarts'));
    jest.spyOn(api, 'startRun').mockResolvedValue({ id: 'run-2' });
    await userEvent.click(dialog.getByRole('button', { name: 'Sync now' }));
    expect(await dialog.findByRole('alert')).toHaveTextContent(
      /it goes on.*the portal restarts/,
    );
    read.mockResolvedValue(run([runItem()], { id: 'run-2' }));
    expect(
      await dialog.findByText('Done', undefined, { timeout: 15_000 }),
    ).toBeInTheDocument();
  }, 30_000);

  it('says why nothing could be planned', async () => {
    jest
      .spyOn(api, 'startRun')
      .mockRejectedValue(new Error('target: sync knows no "alpine"'));
    const dialog = await choose(api, 'mirrors', MIRROR, 'Sync…');
    expect(await dialog.findByRole('alert')).toHaveTextContent(
      'target: sync knows no "alpine"',
    );
    expect(dialog.getByRole('button', { name: 'Sync now' })).toBeDisabled();
  });

  it('accepts what moved, once it was shown', async () => {
    api.mirrors = [
      mirrorRow({
        state: 'moved',
        pendingDigest: PENDING,
        upstream: {
          reference: 'docker.io/library/alpine:3.24.1',
          digest: `sha256:${'a'.repeat(64)}`,
        },
      }),
    ];
    api.run = run([runItem({ action: 'copy' })]);
    const dialog = await choose(api, 'mirrors', MIRROR, 'Accept moved tag…');
    expect(dialog.getByText(`sha256:${'a'.repeat(64)}`)).toBeInTheDocument();
    expect(dialog.getByText(PENDING)).toBeInTheDocument();
    expect(api.accepted).toEqual([]);
    await userEvent.click(
      dialog.getByRole('button', { name: 'Accept and copy' }),
    );
    expect(await dialog.findByText('Done')).toBeInTheDocument();
    expect(api.accepted).toEqual([{ reference: MIRROR, digest: PENDING }]);
  });

  it('says why a moved tag was not accepted, and lets it be tried again', async () => {
    api.mirrors = [mirrorRow({ state: 'moved', pendingDigest: PENDING })];
    const dialog = await choose(api, 'mirrors', MIRROR, 'Accept moved tag…');
    api.failure = new Error('another digest waits to be accepted');
    await userEvent.click(
      dialog.getByRole('button', { name: 'Accept and copy' }),
    );
    expect(await dialog.findByRole('alert')).toHaveTextContent(
      'another digest waits',
    );
    expect(
      dialog.getByRole('button', { name: 'Accept and copy' }),
    ).toBeEnabled();
  });

  it('withdraws a base, with a reason and what to use instead', async () => {
    const newer = 'registry.example.com/bases/alpine:3.24.2-core1.0.0';
    api.bases = [baseRow({ usedBy: 3, latestInCycle: newer, latest: newer })];
    const dialog = await choose(api, 'bases', BASE, 'Withdraw…');
    expect(
      dialog.getByText(/3 applications on it become critical/),
    ).toBeInTheDocument();
    const confirm = dialog.getByRole('button', { name: 'Withdraw it' });
    expect(confirm).toBeDisabled();
    await userEvent.type(
      dialog.getByRole('textbox', { name: /Reason/ }),
      ' breaks TLS ',
    );
    expect(dialog.getByRole('textbox', { name: 'Use instead' })).toHaveValue(
      newer,
    );
    api.failure = new Error('replacement: is no base');
    await userEvent.click(confirm);
    expect(await dialog.findByRole('alert')).toHaveTextContent(
      'replacement: is no base',
    );
    api.failure = undefined;
    await userEvent.click(confirm);
    expect(await dialog.findByText('The base is withdrawn')).toBeVisible();
    expect(api.withdrawn).toEqual([
      { reference: BASE, reason: 'breaks TLS', replacement: newer },
    ]);
    await waitFor(() => expect(confirm).not.toBeInTheDocument());
  });
});
