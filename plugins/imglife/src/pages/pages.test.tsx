import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FakeImglifeApi } from '../__fixtures__/FakeImglifeApi';
import { renderPage } from '../__testUtils__/renderPage';
import {
  applicationRow,
  baseRow,
  endedApplication,
  mirrorRow,
  summary,
} from '../__fixtures__/rows';

/** Texts of the first column, in the order shown. */
async function names(): Promise<string[]> {
  return waitFor(() => {
    const headers = screen.getAllByRole('rowheader');
    const texts = headers.map(header => header.textContent ?? '');
    // while a table loads, its rows are there and empty
    expect(texts).not.toContain('');
    return texts;
  });
}

function lastQuery(api: FakeImglifeApi) {
  return api.queries.at(-1);
}

describe('the page of the tiers', () => {
  let api: FakeImglifeApi;

  beforeEach(() => {
    api = new FakeImglifeApi();
  });

  it('says which definition file does not count, and why', async () => {
    const url = 'https://git.example.com/imglife.yaml';
    api.summaryAnswer = {
      ...summary,
      definitions: [
        { url, readAt: null, error: 'line 3: is no tag' },
        { url: 'https://git.example.com/fine.yaml', readAt: null, error: null },
      ],
    };
    renderPage(api, '/imglife');
    const alert = await screen.findByText(/cannot be used/);
    expect(alert).toHaveTextContent(url);
    expect(screen.getByText('line 3: is no tag')).toBeInTheDocument();
    expect(screen.queryByText(/fine\.yaml/)).not.toBeInTheDocument();
  });

  it('has a tab for each tier, between the overview and the activity', async () => {
    api.mirrors = [mirrorRow()];
    renderPage(api, '/imglife/mirrors');
    expect(
      await screen.findByRole('row', { name: /alpine/ }),
    ).toHaveTextContent('from docker.io/library/alpine:3.24.1');
    const tabs = screen.getAllByRole('tab').map(tab => tab.textContent);
    expect(tabs).toEqual([
      'Overview',
      'Mirrors',
      'Bases',
      'Applications',
      'Activity',
    ]);
  });

  it('says by which filters without a control a table is narrowed', async () => {
    api.applications = [applicationRow({ owner: null })];
    renderPage(api, '/imglife/applications?owned=false&used=perhaps');
    await names();
    expect(lastQuery(api)).toEqual({ owned: false, limit: 20 });
    const filters = screen.getByRole('grid', { name: /Filters/ });
    expect(filters).toHaveTextContent('without an owner');
    await userEvent.click(within(filters).getByRole('button'));
    await waitFor(() => expect(lastQuery(api)).toEqual({ limit: 20 }));
  });

  it.each([
    [mirrorRow(), 'OK'],
    [mirrorRow({ support: 'ended', status: 'critical' }), 'Expired'],
    [mirrorRow({ state: 'moved', status: 'critical' }), 'Moved'],
    [
      mirrorRow({ state: 'failed', status: 'critical', error: 'no such tag' }),
      'Failedno such tag',
    ],
    [mirrorRow({ support: 'ending', status: 'warning' }), 'Ends soon'],
    [mirrorRow({ support: 'unknown', status: 'unknown' }), 'Unknown'],
  ])('tells the status of a mirror: %#', async (row, text) => {
    api.mirrors = [row];
    renderPage(api, '/imglife/mirrors');
    const cells = within(
      await screen.findByRole('row', { name: /alpine/ }),
    ).getAllByRole('gridcell');
    expect(cells.at(-1)).toHaveTextContent(text);
  });

  it('pages forward and back by cursor, and counts all rows', async () => {
    api.mirrors = Array.from({ length: 45 }, (_, index) =>
      mirrorRow({ tag: `3.${index}.0`, reference: `r/alpine:3.${index}.0` }),
    );
    renderPage(api, '/imglife/mirrors');
    expect(await names()).toHaveLength(20);
    expect(screen.getByText('45 images')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: /previous/i })).toBeDisabled();
    await userEvent.click(screen.getByRole('button', { name: /next/i }));
    expect(await screen.findByText('3.20.0')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: /next/i }));
    expect(await screen.findByText('3.44.0')).toBeInTheDocument();
    expect(await names()).toHaveLength(5);
    expect(screen.getByRole('button', { name: /next/i })).toBeDisabled();
    await userEvent.click(screen.getByRole('button', { name: /previous/i }));
    expect(await screen.findByText('3.20.0')).toBeInTheDocument();
  });

  it('takes filters, order and page from the link, and leaves out what is wrong', async () => {
    api.applications = [endedApplication()];
    renderPage(
      api,
      '/imglife/applications?status=critical&orderBy=eolDate&order=desc&limit=50&base=alpine&all=true&freshness=rotten',
    );
    await names();
    expect(lastQuery(api)).toEqual({
      status: 'critical',
      orderBy: 'eolDate',
      order: 'desc',
      limit: 50,
      base: 'alpine',
      all: true,
    });
    expect(
      screen.getByRole('columnheader', { name: /End of life/ }),
    ).toHaveAttribute('aria-sort', 'descending');
    expect(screen.getByRole('switch')).toBeChecked();
    await userEvent.click(
      within(screen.getByRole('grid', { name: /Filters/ })).getByRole('button'),
    );
    await waitFor(() => expect(lastQuery(api)).not.toHaveProperty('base'));
  });

  it('searches once three letters have come to rest, from the first page', async () => {
    api.mirrors = Array.from({ length: 30 }, (_, index) =>
      mirrorRow({ tag: `3.${index}.0`, reference: `r/alpine:3.${index}.0` }),
    );
    renderPage(api, '/imglife/mirrors?cursor=20');
    await names();
    const box = screen.getByRole('searchbox', { name: 'Search images' });
    await userEvent.type(box, '3.');
    await userEvent.type(box, '7');
    await waitFor(() =>
      expect(lastQuery(api)).toEqual({ search: '3.7', limit: 20 }),
    );
    expect(api.queries.some(({ search }) => search === '3.')).toBe(false);
    await waitFor(async () => expect(await names()).toHaveLength(1));
  });

  it('filters by status with the counts of the tier', async () => {
    api.mirrors = [mirrorRow(), mirrorRow({ tag: '3.1.0', status: 'warning' })];
    renderPage(api, '/imglife/mirrors');
    await names();
    await userEvent.click(
      await screen.findByRole('radio', { name: /Warning 3/ }),
    );
    await waitFor(async () => expect(await names()).toHaveLength(1));
    await userEvent.click(screen.getByRole('radio', { name: /All 45/ }));
    await waitFor(async () => expect(await names()).toHaveLength(2));
  });

  it('says when there are more rows than are counted', async () => {
    jest.spyOn(api, 'listMirrors').mockResolvedValue({
      items: [mirrorRow()],
      totalItems: 10_000,
      totalIsLowerBound: true,
      pageInfo: { nextCursor: 'next' },
    });
    renderPage(api, '/imglife/mirrors');
    expect(
      await screen.findByText('more than 10,000 images'),
    ).toBeInTheDocument();
  });

  it('asks the server to sort', async () => {
    api.mirrors = [mirrorRow()];
    renderPage(api, '/imglife/mirrors');
    await names();
    await userEvent.click(
      screen.getByRole('columnheader', { name: /Version/ }),
    );
    await waitFor(() =>
      expect(lastQuery(api)).toEqual({
        orderBy: 'version',
        order: 'asc',
        limit: 20,
      }),
    );
  });

  it('says why a table could not be read, and tries again', async () => {
    api.failure = new Error('the database is away');
    api.mirrors = [mirrorRow()];
    renderPage(api, '/imglife/mirrors');
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'the database is away',
    );
    api.failure = undefined;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await names()).toHaveLength(1);
    await waitFor(() =>
      expect(screen.queryByRole('alert')).not.toBeInTheDocument(),
    );
  });

  it('keeps the rows while a later read fails', async () => {
    api.mirrors = [mirrorRow(), mirrorRow({ tag: '3.1.0', status: 'warning' })];
    renderPage(api, '/imglife/mirrors');
    expect(await names()).toHaveLength(2);
    api.failure = new Error('the database is away');
    await userEvent.click(screen.getByRole('radio', { name: /Warning/ }));
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'These rows are from before',
    );
    expect(await names()).toHaveLength(2);
  });

  it('tells an empty tier from filters that leave nothing', async () => {
    const { unmount } = renderPage(api, '/imglife/bases');
    expect(await screen.findByText(/No base is built yet/)).toBeInTheDocument();
    unmount();
    renderPage(api, '/imglife/bases?search=nothing');
    expect(
      await screen.findByText('No image matches these filters.'),
    ).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', { name: 'Clear filters' }),
    );
    expect(await screen.findByText(/No base is built yet/)).toBeInTheDocument();
  });

  it('leads from a base to the applications on it', async () => {
    api.bases = [baseRow({ usedBy: 3 })];
    renderPage(api, '/imglife/bases');
    expect(
      await screen.findByRole('link', { name: '3 applications' }),
    ).toHaveAttribute(
      'href',
      '/imglife/applications?base=registry.example.com%2Fbases%2Falpine%3A3.24.1-core1.0.0',
    );
  });

  it('shows base, owner and reasons of applications', async () => {
    api.applications = [
      endedApplication(),
      applicationRow({ tag: '2', base: null, freshness: 'none', owner: null }),
      endedApplication({
        tag: '3',
        support: 'supported',
        violations: [],
        status: 'warning',
        graceUntil: '2026-12-01',
      }),
      applicationRow({
        tag: '4',
        platformBases: [
          {
            platform: 'linux/amd64',
            base: null,
            freshness: 'none',
            support: 'unknown',
            eolDate: null,
            status: 'ok',
            violations: [],
          },
        ],
      }),
    ];
    renderPage(api, '/imglife/applications');
    await names();
    const [, first, second, third, fourth] = screen.getAllByRole('row');
    expect(first).toHaveTextContent('alpine 3.21.3-core1.0.0');
    expect(first).toHaveTextContent('Expired');
    expect(first).toHaveTextContent(/ended \d+ days ago/);
    expect(
      within(first).getByRole('link', { name: /payments/ }),
    ).toHaveAttribute('href', '/catalog/default/group/payments');
    expect(second).toHaveTextContent('none');
    expect(third).toHaveTextContent('Outdatedgrace until 2026-12-01');
    expect(fourth).toHaveTextContent('the worst of its platforms');
  });

  it('starts a sync and tells its outcome', async () => {
    api.run = {
      id: 'run-1',
      kind: 'sync',
      target: null,
      trigger: 'user',
      actor: 'user:default/guest',
      dryRun: false,
      state: 'succeeded',
      progress: { done: 1, total: 1, bytes: 0 },
      items: [
        {
          reference: 'r/alpine:3',
          action: 'copy',
          reason: null,
          state: 'done',
          error: null,
        },
      ],
      createdAt: '2026-06-01T00:00:00.000Z',
      startedAt: null,
      finishedAt: null,
      error: null,
    };
    renderPage(api, '/imglife/mirrors');
    await userEvent.click(
      await screen.findByRole('button', { name: 'Sync now' }),
    );
    expect(await screen.findByText('Sync finished')).toBeInTheDocument();
    expect(screen.getByText('1 image changed')).toBeInTheDocument();
    expect(api.runs).toEqual([{ kind: 'sync' }]);
  });

  it('tells why a run was refused', async () => {
    renderPage(api, '/imglife/mirrors');
    const button = await screen.findByRole('button', { name: 'Build now' });
    api.failure = new Error('not today');
    await userEvent.click(button);
    expect(
      await screen.findByText('The run could not be started'),
    ).toBeInTheDocument();
    expect(screen.getAllByText('not today')).not.toHaveLength(0);
  });
});
