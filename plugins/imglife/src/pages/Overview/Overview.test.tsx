import type {
  ImglifeApi,
  Page,
  RunQuery,
  TierQuery,
} from '@imglife/backstage-plugin-imglife-common';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { DateTime } from 'luxon';
import { FakeImglifeApi } from '../../__fixtures__/FakeImglifeApi';
import { renderPage } from '../../__testUtils__/renderPage';
import {
  adoptionItem,
  applicationRow,
  baseRow,
  summary,
} from '../../__fixtures__/rows';

const BASE = 'registry.example.com%2Fbases%2Falpine';

/** A day that is so many days from today, `YYYY-MM-DD`. */
function inDays(days: number): string {
  return DateTime.utc().plus({ days }).toISODate();
}

function card(name: RegExp) {
  return screen.findByRole('region', { name });
}

describe('the overview', () => {
  let api: FakeImglifeApi;

  beforeEach(() => {
    api = new FakeImglifeApi();
  });

  it('is what the page opens with, and counts each tier by status', async () => {
    api.summaryAnswer = {
      ...summary,
      data: { ...summary.data, lastScanAt: DateTime.utc().toISO() },
    };
    renderPage(api, '/imglife');
    const mirrors = await screen.findByRole('list', {
      name: 'Mirrors by status',
    });
    expect(screen.getByRole('tab', { selected: true })).toHaveTextContent(
      'Overview',
    );
    expect(
      within(mirrors).getByRole('link', { name: '2 Critical' }),
    ).toHaveAttribute('href', '/imglife/mirrors?status=critical');
    // what there is none of leads nowhere
    expect(within(mirrors).getByText('0 Unknown')).toBeInTheDocument();
    expect(
      within(mirrors).queryByRole('link', { name: '0 Unknown' }),
    ).not.toBeInTheDocument();
    expect(screen.getByText(/last scan/)).toBeInTheDocument();
  });

  it('says of a tier that is empty how to fill it', async () => {
    const none = { total: 0, ok: 0, warning: 0, critical: 0, unknown: 0 };
    api.summaryAnswer = { ...summary, mirrors: none };
    renderPage(api, '/imglife');
    expect(
      await screen.findByText(/Nothing is mirrored yet. Declare/),
    ).toBeInTheDocument();
  });

  it('shows what ends, first to end first, each leading to who stands on it', async () => {
    api.adoption = {
      items: [
        adoptionItem({ cycle: '3.21', eolDate: inDays(-22), ended: 3 }),
        adoptionItem({ cycle: '3.24', eolDate: inDays(900) }),
      ],
    };
    api.bases = [baseRow({ cycle: '3.23', eolDate: inDays(30) })];
    renderPage(api, '/imglife');
    const eol = await card(/End of life/);
    await within(eol).findAllByRole('link');
    const links = within(eol).getAllByRole('link');
    expect(links.map(link => link.textContent)).toEqual([
      `alpine 3.213 applications${inDays(-22)}ended 22 days ago`,
      `alpine 3.23no application${inDays(30)}in 30 days`,
    ]);
    expect(links[0]).toHaveAttribute(
      'href',
      `/imglife/applications?base=${BASE}&product=alpine-linux&cycle=3.21`,
    );
    // nobody stands on it: its bases are all there is to see
    expect(links[1].getAttribute('href')).toMatch('/imglife/bases?');
  });

  it('tells by keyboard who is affected', async () => {
    api.adoption = {
      items: [adoptionItem({ cycle: '3.21', eolDate: inDays(-22) })],
    };
    api.applications = [
      applicationRow(),
      applicationRow({ tag: '2', owner: null }),
    ];
    renderPage(api, '/imglife');
    const eol = await card(/End of life/);
    await within(eol).findByRole('link', { name: /alpine 3\.21/ });
    await userEvent.click(
      within(eol).getByRole('heading', { name: /End of life/ }),
    );
    within(eol).getByRole('button', { name: 'Show as table' }).focus();
    await userEvent.tab();
    const tooltip = await screen.findByRole('tooltip');
    await waitFor(() =>
      expect(tooltip).toHaveTextContent(
        /payments: 1 application.*without an owner: 1 application/,
      ),
    );
    expect(api.queries.at(-1)).toEqual({
      base: 'registry.example.com/bases/alpine',
      product: 'alpine-linux',
      cycle: '3.21',
      limit: 100,
    });
  });

  it('has the same facts as a table', async () => {
    api.adoption = {
      items: [
        adoptionItem({ cycle: '3.21', eolDate: inDays(-22), ended: 3 }),
        adoptionItem({ tier: 'upstream', base: 'x/y', applications: 2 }),
      ],
    };
    api.applications = [applicationRow()];
    renderPage(api, '/imglife');
    for (const [name, text] of [
      [/End of life/, /alpine 3\.21.*ended 22 days ago.*3.*payments/],
      [/Adoption/, /alpine 3\.2133/],
    ] as const) {
      const region = await card(name);
      await userEvent.click(
        await within(region).findByRole('button', { name: 'Show as table' }),
      );
      const row = await within(region).findByRole('row', {
        name: /alpine 3\.21/,
      });
      await waitFor(() => expect(row).toHaveTextContent(text));
      await userEvent.click(
        within(region).getByRole('button', { name: 'Show as chart' }),
      );
      expect(within(region).queryByRole('row')).not.toBeInTheDocument();
    }
  });

  it('shows how many stand on each base, and on none of ours', async () => {
    api.adoption = {
      items: [
        adoptionItem({ applications: 12, ended: 4 }),
        adoptionItem({ cycle: '3.21', applications: 2, ended: 2 }),
        adoptionItem({ tier: 'mirrors', applications: 5 }),
        adoptionItem({ tier: 'unknown', base: null, applications: 1 }),
      ],
    };
    renderPage(api, '/imglife');
    const region = await card(/Adoption/);
    await within(region).findAllByRole('link');
    const links = within(region).getAllByRole('link');
    expect(
      links.map(link => [link.textContent, link.getAttribute('href')]),
    ).toEqual([
      [
        'alpine 3.241212 applications4 ended',
        `/imglife/applications?base=${BASE}&product=alpine-linux&cycle=3.24`,
      ],
      [
        'alpine 3.2122 applicationsended',
        `/imglife/applications?base=${BASE}&product=alpine-linux&cycle=3.21`,
      ],
      [
        'not one of our bases55 applications',
        '/imglife/applications?freshness=unmanaged',
      ],
      ['base unknown11 application', '/imglife/applications?freshness=unknown'],
    ]);
  });

  it('shows the first of many bases, and all on demand', async () => {
    api.adoption = {
      items: Array.from({ length: 30 }, (_, index) =>
        adoptionItem({ cycle: `3.${index}`, applications: 40 - index }),
      ),
    };
    renderPage(api, '/imglife');
    const region = await card(/Adoption/);
    expect(await within(region).findAllByRole('link')).toHaveLength(12);
    const all = within(region).getByRole('button', { name: 'Show all 30' });
    expect(all).toHaveAttribute('aria-expanded', 'false');
    await userEvent.click(all);
    expect(within(region).getAllByRole('link')).toHaveLength(30);
  });

  it('links what needs attention to the table that shows it', async () => {
    const totals =
      <Query extends object>(found: (query: Partial<Query>) => number) =>
      async (query: Partial<Query> = {}): Promise<Page<never>> => ({
        items: [],
        totalItems: found(query),
        totalIsLowerBound: found(query) === 10_000,
        pageInfo: {},
      });
    Object.assign(api, {
      listMirrors: totals<TierQuery>(({ state }) =>
        state === 'moved' ? 2 : 0,
      ),
      listRuns: totals<RunQuery>(({ failing }) => (failing ? 1 : 0)),
      listBases: totals<TierQuery>(query =>
        query.used === false && query.state === 'published' ? 3 : 0,
      ),
      listApplications: totals<TierQuery>(({ owned }) =>
        owned === false ? 10_000 : 0,
      ),
    } satisfies Partial<ImglifeApi>);
    renderPage(api, '/imglife');
    const region = await card(/Needs attention/);
    await within(region).findAllByRole('link');
    const links = within(region).getAllByRole('link');
    expect(
      links.map(link => [link.textContent, link.getAttribute('href')]),
    ).toEqual([
      ['2 moved tags', '/imglife/mirrors?state=moved'],
      ['1 failing run', '/imglife/activity?failing=true'],
      ['3 bases nobody uses', '/imglife/bases?used=false&state=published'],
      [
        'more than 10000 applications without an owner',
        '/imglife/applications?owned=false',
      ],
    ]);
  });

  it('says so when nothing ends, stands on anything or needs attention', async () => {
    renderPage(api, '/imglife');
    expect(
      await screen.findByText(/No base reaches its end of life/),
    ).toBeInTheDocument();
    expect(
      screen.getByText(/No application is registered yet. Let a pipeline/),
    ).toBeInTheDocument();
    expect(screen.getByText('No failing runs')).toBeInTheDocument();
  });

  it('says what could not be read, keeps the rest, and tries again', async () => {
    jest
      .spyOn(api, 'getAdoption')
      .mockRejectedValueOnce(new Error('the database is away'));
    renderPage(api, '/imglife');
    const region = await card(/Adoption/);
    expect(await within(region).findByRole('alert')).toHaveTextContent(
      'the database is away',
    );
    expect(await screen.findByText('No failing runs')).toBeInTheDocument();
    api.adoption = { items: [adoptionItem()] };
    await userEvent.click(
      within(region).getByRole('button', { name: 'Try again' }),
    );
    expect(
      await within(region).findByRole('link', { name: /alpine 3\.24/ }),
    ).toBeInTheDocument();
    expect(within(region).queryByRole('alert')).not.toBeInTheDocument();
  });

  it('reads bases page by page until they end later than is shown', async () => {
    const ending = Array.from({ length: 600 }, (_, index) =>
      baseRow({ cycle: `1.${index}`, eolDate: inDays(10) }),
    );
    const later = Array.from({ length: 600 }, (_, index) =>
      baseRow({ cycle: `2.${index}`, eolDate: inDays(800) }),
    );
    api.bases = [...ending, ...later];
    renderPage(api, '/imglife');
    const region = await card(/End of life/);
    await within(region).findByRole('button', { name: 'Show all 600' });
    expect(
      api.queries
        .filter(({ orderBy }) => orderBy === 'eolDate')
        .map(({ cursor }) => cursor),
    ).toEqual([undefined, '500']);
  });
});
