import { mockApis, renderTestApp } from '@backstage/frontend-test-utils';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FakeImglifeApi } from '../__fixtures__/FakeImglifeApi';
import { historyEntry, lineage, lineageImage } from '../__fixtures__/images';
import {
  applicationRow,
  baseRow,
  endedApplication,
  mirrorRow,
} from '../__fixtures__/rows';
import { imglifeApiRef } from '../api/imglifeApiRef';
import { imglifePlugin } from '../plugin';

const HOST = 'registry.example.com';
const BASE = `${HOST}/bases/alpine:3.24.1-core1.0.0`;
const DIGEST = `sha256:${'b'.repeat(64)}`;

function render(api: FakeImglifeApi, tier: string, image?: string) {
  return renderTestApp({
    features: [imglifePlugin],
    initialRouteEntries: [
      image
        ? `/imglife/${tier}?${new URLSearchParams({ image })}`
        : `/imglife/${tier}`,
    ],
    mountedRoutes: { '/catalog/:namespace/:kind/:name': entityRouteRef },
    apis: [
      [imglifeApiRef, api as never],
      mockApis.permission({ authorize: AuthorizeResult.DENY }),
    ],
  });
}

/** The value beside a term. */
async function fact(term: string): Promise<HTMLElement> {
  const name = await screen.findByText(term, { selector: 'dt' });
  return name.nextElementSibling as HTMLElement;
}

describe('the dialog of an image', () => {
  let api: FakeImglifeApi;

  beforeEach(() => {
    api = new FakeImglifeApi();
    api.lineage = lineage();
  });

  it('opens from the row of a table and is closed again', async () => {
    api.bases = [baseRow(), baseRow({ tag: '3.23.4-core1.0.0' })];
    render(api, 'bases');
    await userEvent.click(await screen.findByText('3.24.1-core1.0.0'));
    const dialog = await screen.findByRole('dialog', {
      name: 'bases/alpine:3.24.1-core1.0.0',
    });
    expect(await fact('Digest')).toHaveTextContent(DIGEST);
    const [, close] = within(dialog).getAllByRole('button', { name: 'Close' });
    await userEvent.click(close);
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
    expect(screen.getByText('3.23.4-core1.0.0')).toBeInTheDocument();
  });

  it('opens from its link, whatever the page of the table, and is closed by the keyboard', async () => {
    api.bases = [baseRow({ state: 'retired' })];
    render(api, 'bases', BASE);
    await screen.findByText(DIGEST);
    expect(api.queries).toContainEqual({
      reference: BASE,
      all: true,
      limit: 1,
    });
    await userEvent.keyboard('{Escape}');
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  });

  it('gives every way to name it', async () => {
    api.bases = [baseRow()];
    render(api, 'bases', BASE);
    for (const [label, text] of [
      ['Reference with its tag', BASE],
      ['Reference with its digest', `${BASE}@${DIGEST}`],
      ['Line of a Dockerfile', `FROM ${BASE}@${DIGEST}`],
    ]) {
      expect(
        within(await screen.findByRole('group', { name: label })).getByText(
          text,
        ),
      ).toBeInTheDocument();
    }
  });

  it('tells of a mirror where it is from, how large, and what waits', async () => {
    const pendingDigest = `sha256:${'d'.repeat(64)}`;
    api.mirrors = [
      mirrorRow({
        state: 'moved',
        status: 'critical',
        pendingDigest,
        sizeBytes: 3_565_158,
        error: 'upstream moved it',
        eol: [
          {
            product: 'alpine-linux',
            cycle: '3.24',
            eolDate: '2020-06-01',
            dataAgeDays: 1,
          },
        ],
      }),
    ];
    render(api, 'mirrors', `${HOST}/mirrors/alpine:3.24.1`);
    expect(await fact('Upstream')).toHaveTextContent(
      'docker.io/library/alpine:3.24.1',
    );
    expect(await fact('Upstream has now')).toHaveTextContent(pendingDigest);
    expect(await fact('Size')).toHaveTextContent('3.4 MiB');
    expect(await fact('End of life')).toHaveTextContent(
      /alpine-linux 3\.24: 2020-06-01 \(ended \d+ days ago\) · as known 1 day ago/,
    );
    const dialog = within(screen.getByRole('dialog'));
    expect(dialog.getByText('upstream moved it')).toBeInTheDocument();
    expect(screen.queryByText('Verified')).not.toBeInTheDocument();
  });

  it('tells of a base why it was built, what is newer, and that it was taken back', async () => {
    api.bases = [
      baseRow({
        reasons: ['mirror-moved', 'template'],
        changes: [
          {
            reason: 'mirror-moved',
            from: `sha256:${'1'.repeat(64)}`,
            to: `sha256:${'2'.repeat(64)}`,
          },
        ],
        latest: `${HOST}/bases/alpine:3.25.0-core1.0.0`,
        withdrawal: {
          reason: 'breaks TLS',
          replacement: `${HOST}/bases/alpine:3.25.0-core1.0.0`,
          at: '2026-08-01T00:00:00.000Z',
          by: 'user:default/ann',
        },
      }),
    ];
    render(api, 'bases', BASE);
    expect(await fact('Built because')).toHaveTextContent(
      'mirror-moved: 111111111111 → 222222222222template',
    );
    expect(
      within(await fact('Newest of all')).getByRole('link'),
    ).toHaveAttribute(
      'href',
      '/imglife/bases?image=registry.example.com%2Fbases%2Falpine%3A3.25.0-core1.0.0',
    );
    expect(
      screen.getByText(
        'Withdrawn on 2026-08-01 by user:default/ann: breaks TLS',
      ),
    ).toBeInTheDocument();
  });

  it('tells of an application what to build on, whose it is, and what its pipeline said', async () => {
    api.applications = [
      endedApplication({
        fields: { job: 'https://ci.example.com/1', note: 'nightly' },
      }),
    ];
    render(api, 'applications', `${HOST}/apps/pay:1.2.0`);
    expect(
      await screen.findByText(
        'BASE_IMAGE=registry.example.com/bases/alpine:3.24.1-core1.0.0',
      ),
    ).toBeInTheDocument();
    expect(within(await fact('Owner')).getByRole('link')).toHaveAttribute(
      'href',
      '/catalog/default/group/payments',
    );
    expect(within(await fact('job')).getByRole('link')).toHaveAttribute(
      'href',
      'https://ci.example.com/1',
    );
    expect(await fact('note')).toHaveTextContent('nightly');
    // an application is no base
    expect(screen.queryByText(/^FROM/)).not.toBeInTheDocument();
  });

  it('leads down to its upstream, and up to what is built on it', async () => {
    api.mirrors = [mirrorRow()];
    api.lineage = lineage({
      bases: Array.from({ length: 12 }, (_, index) =>
        lineageImage({ reference: `${HOST}/bases/b:${index}`, tier: 'bases' }),
      ),
      totalBases: 12,
    });
    render(api, 'mirrors', `${HOST}/mirrors/alpine:3.24.1`);
    const below = within(
      await screen.findByRole('region', { name: 'Built on' }),
    );
    expect(
      below.getByText('docker.io/library/alpine:3.24.1'),
    ).not.toHaveAttribute('href');
    const bases = within(
      screen.getByRole('region', { name: '12 bases follow it' }),
    );
    expect(bases.getAllByRole('listitem')).toHaveLength(10);
    await userEvent.click(bases.getByRole('button', { name: 'Show 2 more' }));
    expect(bases.getAllByRole('listitem')).toHaveLength(12);
    const application = within(
      screen.getByRole('region', { name: '1 application on it' }),
    ).getByRole('listitem');
    expect(application).toHaveTextContent('Outdated');
    expect(
      within(application).getByRole('link', { name: /apps\/pay/ }),
    ).toHaveAttribute(
      'href',
      '/imglife/applications?image=registry.example.com%2Fapps%2Fpay%3A1.2.0',
    );
  });

  it('pages the applications on it', async () => {
    api.bases = [baseRow()];
    const whole = lineage();
    api.lineage = lineage({
      applications: {
        ...whole.applications,
        totalItems: 10_000,
        totalIsLowerBound: true,
        pageInfo: { nextCursor: 'second' },
      },
    });
    render(api, 'bases', BASE);
    const pages = within(
      await screen.findByRole('group', {
        name: 'More than 10,000 applications on it',
      }),
    );
    expect(pages.getByRole('button', { name: 'Previous' })).toBeDisabled();
    await userEvent.click(pages.getByRole('button', { name: 'Next' }));
    await waitFor(() =>
      expect(api.lineages.at(-1)).toEqual({
        reference: BASE,
        limit: 10,
        cursor: 'second',
      }),
    );
    await userEvent.click(screen.getByRole('button', { name: 'Previous' }));
    expect(
      await screen.findByRole('button', { name: 'Previous' }),
    ).toBeDisabled();
  });

  it('tells what happened to it and leads to the runs, of all tags if asked', async () => {
    api.bases = [baseRow()];
    const repository = `${HOST}/bases/alpine`;
    const built = { kind: 'build' as const, repository, runId: 'r/7' };
    api.history = [
      historyEntry({
        ...built,
        tag: '3.24.1-core1.0.0',
        state: 'failed',
        error: 'no space left',
        digest: null,
        reasons: ['template'],
      }),
      historyEntry({ ...built, tag: '3.23.4-core1.0.0' }),
    ];
    render(api, 'bases', BASE);
    const history = within(
      await screen.findByRole('region', { name: 'History' }),
    );
    const entry = await history.findByRole('listitem');
    expect(entry).toHaveTextContent('Build failed of 3.24.1-core1.0.0');
    expect(entry).toHaveTextContent('no space left');
    expect(within(entry).getByRole('link')).toHaveAttribute(
      'href',
      '/imglife/activity?run=r%2F7',
    );
    await userEvent.click(history.getByRole('switch'));
    await waitFor(() =>
      expect(history.getAllByRole('listitem')).toHaveLength(2),
    );
  });

  it('pages the history, newest first', async () => {
    api.applications = [applicationRow()];
    api.history = Array.from({ length: 12 }, (_, index) =>
      historyEntry({ revision: `revision-${index}` }),
    );
    render(api, 'applications', `${HOST}/apps/pay:1.2.0`);
    const history = within(
      await screen.findByRole('region', { name: 'History' }),
    );
    await waitFor(() =>
      expect(history.getAllByRole('listitem')).toHaveLength(10),
    );
    await userEvent.click(history.getByRole('button', { name: 'Next' }));
    expect(await history.findByText(/revision-11/)).toBeInTheDocument();
    expect(history.getByRole('button', { name: 'Next' })).toBeDisabled();
  });

  it('says that there is no such image', async () => {
    render(api, 'bases', `${HOST}/bases/none:1`);
    expect(
      await screen.findByText(/No base is named registry.*search for it/),
    ).toBeInTheDocument();
  });

  it('says what could not be read, and tries again', async () => {
    api.bases = [baseRow()];
    api.failure = new Error('the database is away');
    render(api, 'bases', BASE);
    const dialog = within(await screen.findByRole('dialog'));
    expect(await dialog.findByRole('alert')).toHaveTextContent(
      'the database is away',
    );
    api.failure = undefined;
    await userEvent.click(dialog.getByRole('button', { name: 'Try again' }));
    expect(await dialog.findByText(DIGEST)).toBeInTheDocument();
  });

  it('offers nothing to those who may do nothing', async () => {
    api.bases = [baseRow()];
    render(api, 'bases', BASE);
    await screen.findByText(DIGEST);
    const buttons = within(screen.getByRole('dialog'))
      .getAllByRole('button')
      .map(button => button.textContent || button.getAttribute('aria-label'));
    expect(new Set(buttons)).toEqual(new Set(['Close', 'Copy']));
  });
});
