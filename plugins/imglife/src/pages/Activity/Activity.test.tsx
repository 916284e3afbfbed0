import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FakeImglifeApi } from '../../__fixtures__/FakeImglifeApi';
import { renderPage } from '../../__testUtils__/renderPage';
import { runRow, transition } from '../../__fixtures__/rows';

const AT = '2026-11-29T10:00:00.000Z';

async function rows(): Promise<HTMLElement[]> {
  await screen.findAllByRole('rowheader');
  return screen.getAllByRole('row').slice(1);
}

describe('runs', () => {
  let api: FakeImglifeApi;

  beforeEach(() => {
    api = new FakeImglifeApi();
  });

  const lastQuery = () => api.activityQueries.at(-1);

  it('tells of each what it is, who started it and how it went', async () => {
    api.runRows = [
      runRow({
        id: 'a',
        state: 'running',
        trigger: 'user',
        actor: 'user:default/ann',
        progress: { done: 3, total: 12, bytes: 0 },
      }),
      runRow({
        id: 'b',
        kind: 'build',
        target: null,
        state: 'failed',
        trigger: 'user',
        actor: 'external:demo-ci',
        dryRun: true,
        progress: { done: 0, total: 0, bytes: 0 },
        startedAt: null,
        error: '2 images failed',
      }),
      runRow({ id: 'c', trigger: 'event' }),
      runRow({ id: 'd' }),
    ];
    renderPage(api, '/imglife/activity');
    const [running, failed, event, succeeded] = await rows();
    expect(running).toHaveTextContent(/Syncalpine.*Running.*3 of 12 images/);
    expect(within(running).getByRole('link', { name: /ann/ })).toHaveAttribute(
      'href',
      '/catalog/default/user/ann',
    );
    const bar = within(running).getByRole('progressbar');
    expect(bar).toHaveAttribute('aria-valuenow', '3');
    expect(bar).toHaveAttribute('aria-valuemax', '12');
    expect(failed).toHaveTextContent(
      /Buildeverything, dry run.*Failed.*2 images failed.*–.*external:demo-ci.*–$/,
    );
    expect(event).toHaveTextContent('event');
    expect(succeeded).toHaveTextContent(
      /Succeeded.*2 of 2 images, 2\.5 MB copied.*schedule.*1 min, 12 sec$/,
    );
    expect(within(succeeded).queryByRole('progressbar')).toBeNull();
  });

  it('pages forward and back', async () => {
    api.runRows = Array.from({ length: 45 }, (_, index) =>
      runRow({ id: `r${index}`, target: `mirror-${index}` }),
    );
    renderPage(api, '/imglife/activity');
    expect(await rows()).toHaveLength(20);
    expect(screen.getByText('45 runs')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: /next/i }));
    expect(await screen.findByText('mirror-20')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: /previous/i }));
    expect(await screen.findByText('mirror-0')).toBeInTheDocument();
    expect(lastQuery()).toEqual({ cursor: '0', limit: 20 });
  });

  it('is filtered by kind and state from the first page on', async () => {
    api.runRows = [runRow({ id: 'a' }), runRow({ id: 'b', kind: 'build' })];
    renderPage(api, '/imglife/activity?cursor=0&kind=rubbish');
    expect(await rows()).toHaveLength(2);
    await userEvent.click(screen.getByRole('button', { name: /Kind of run/ }));
    await userEvent.click(await screen.findByRole('option', { name: 'Build' }));
    await waitFor(() =>
      expect(lastQuery()).toEqual({ kind: 'build', limit: 20 }),
    );
    await waitFor(async () => expect(await rows()).toHaveLength(1));
    await userEvent.click(screen.getByRole('button', { name: /State of run/ }));
    await userEvent.click(
      await screen.findByRole('option', { name: 'Failed' }),
    );
    expect(
      await screen.findByText('No run matches these filters.'),
    ).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', { name: 'Clear filters' }),
    );
    await waitFor(() => expect(lastQuery()).toEqual({ limit: 20 }));
  });

  it('shows what is failing now, and the target of a link', async () => {
    api.runRows = [runRow()];
    renderPage(api, '/imglife/activity?failing=true&target=alpine');
    await rows();
    expect(lastQuery()).toEqual({ failing: true, target: 'alpine', limit: 20 });
    await userEvent.click(screen.getByRole('switch', { name: 'Failing now' }));
    await waitFor(() =>
      expect(lastQuery()).toEqual({ target: 'alpine', limit: 20 }),
    );
    const filters = screen.getByRole('grid', { name: /Filters/ });
    expect(filters).toHaveTextContent('only alpine');
    await userEvent.click(within(filters).getByRole('button'));
    await waitFor(() => expect(lastQuery()).toEqual({ limit: 20 }));
  });

  it('says why it could not be read, and tries again', async () => {
    api.failure = new Error('the database is away');
    renderPage(api, '/imglife/activity?cursor=0');
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('the database is away');
    expect(
      within(alert).getByRole('button', { name: 'To the first page' }),
    ).toBeInTheDocument();
    api.failure = undefined;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText(/Nothing has run yet/)).toBeInTheDocument();
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });
});

describe('a run', () => {
  let api: FakeImglifeApi;

  beforeEach(() => {
    api = new FakeImglifeApi();
    api.run = runRow({
      items: [
        {
          reference: 'r/alpine:3.1',
          action: 'copy',
          reason: 'matches',
          state: 'done',
          error: null,
        },
        {
          reference: 'r/alpine:3.2',
          action: 'copy',
          reason: null,
          state: 'failed',
          error: 'no such tag',
        },
      ],
    });
    api.runRows = [api.run];
    api.log = [`${AT} copied r/alpine:3.1`, 'without a time'];
  });

  it('opens from its row, by link and by keyboard, and closes', async () => {
    renderPage(api, '/imglife/activity');
    const [row] = await rows();
    await userEvent.click(row);
    const dialog = await screen.findByRole('dialog', { name: 'Sync: alpine' });
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Close' }),
    );
    await waitFor(() =>
      expect(screen.queryByRole('dialog')).not.toBeInTheDocument(),
    );
    (await rows())[0].focus();
    await userEvent.keyboard('{Enter}');
    await screen.findByRole('dialog', { name: 'Sync: alpine' });
    await userEvent.keyboard('{Escape}');
    await waitFor(() =>
      expect(screen.queryByRole('dialog')).not.toBeInTheDocument(),
    );
  });

  it('shows its images, what failed first, and its log', async () => {
    renderPage(api, '/imglife/activity?run=run-1');
    const dialog = await screen.findByRole('dialog', { name: 'Sync: alpine' });
    const [, first, second] = within(dialog).getAllByRole('row');
    expect(first).toHaveTextContent('r/alpine:3.2copyFailedno such tag');
    expect(second).toHaveTextContent('r/alpine:3.1copymatchesDone');
    const log = within(dialog).getByRole('log', { name: 'Log' });
    await waitFor(() =>
      expect(log).toHaveTextContent(
        /\d\d:00:00 copied r\/alpine:3\.1without a time$/,
      ),
    );
    // nothing is left to stop
    expect(
      within(dialog).queryByRole('button', { name: 'Cancel run' }),
    ).not.toBeInTheDocument();
  });

  it('follows a run to its end', async () => {
    api.run = runRow({
      state: 'running',
      finishedAt: null,
      progress: { done: 1, total: 4, bytes: 0 },
    });
    renderPage(api, '/imglife/activity?run=run-1');
    const dialog = await screen.findByRole('dialog');
    expect(await within(dialog).findByRole('progressbar')).toHaveAttribute(
      'aria-valuetext',
      '1 of 4 images',
    );
    expect(
      within(dialog).getByText('No image has needed anything so far.'),
    ).toBeInTheDocument();
    api.run = runRow({ state: 'failed', error: '1 image failed' });
    expect(
      await within(dialog).findByText('1 image failed'),
    ).toBeInTheDocument();
    expect(within(dialog).queryByRole('progressbar')).not.toBeInTheDocument();
  });

  it('is cancelled by those who may', async () => {
    api.run = runRow({ state: 'running', finishedAt: null });
    renderPage(api, '/imglife/activity?run=run-1');
    await userEvent.click(
      await screen.findByRole('button', { name: 'Cancel run' }),
    );
    expect(api.cancelled).toEqual(['run-1']);
    expect(await screen.findByText('Cancelling')).toBeInTheDocument();
    api.run = runRow({ state: 'cancelled' });
    await waitFor(() =>
      expect(
        screen.queryByRole('button', { name: /Cancel/ }),
      ).not.toBeInTheDocument(),
    );
  });

  it('says why it could not be cancelled', async () => {
    api.run = runRow({ state: 'running', finishedAt: null });
    renderPage(api, '/imglife/activity?run=run-1');
    const button = await screen.findByRole('button', { name: 'Cancel run' });
    api.failure = new Error('not today');
    await userEvent.click(button);
    expect(
      await screen.findByText('The run could not be cancelled'),
    ).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Cancel run' })).toBeEnabled();
  });

  it('shows the end of a long log, and the rest on demand', async () => {
    api.log = Array.from({ length: 700 }, (_, index) => `${AT} line ${index}`);
    renderPage(api, '/imglife/activity?run=run-1');
    expect(await screen.findByText('line 699')).toBeInTheDocument();
    expect(screen.queryByText('line 199')).not.toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', { name: 'Show 200 earlier lines' }),
    );
    expect(screen.getByText('line 0')).toBeInTheDocument();
  });

  it('reads a log again that breaks off, and keeps what it had', async () => {
    api.log = [`${AT} one`, `${AT} two`, new Error('connection reset')];
    renderPage(api, '/imglife/activity?run=run-1');
    expect(
      await screen.findByText(/it is being read again/),
    ).toBeInTheDocument();
    api.log = [`${AT} one`, `${AT} two`, `${AT} three`];
    expect(await screen.findByText('three')).toBeInTheDocument();
    expect(screen.getByText('one')).toBeInTheDocument();
    expect(screen.queryByText(/it is being read again/)).toBeNull();
  });

  it('reads a log again that ends before its run', async () => {
    api.run = runRow({ state: 'running', finishedAt: null });
    api.log = [`${AT} one`];
    renderPage(api, '/imglife/activity?run=run-1');
    expect(await screen.findByText('one')).toBeInTheDocument();
    api.log = [`${AT} one`, `${AT} two`];
    expect(await screen.findByText('two')).toBeInTheDocument();
  });

  it('says of a run that is unknown', async () => {
    jest
      .spyOn(api, 'getRun')
      .mockRejectedValue(new Error('run x does not exist'));
    renderPage(api, '/imglife/activity?run=x');
    const dialog = await screen.findByRole('dialog', { name: 'Run' });
    expect(await within(dialog).findByRole('alert')).toHaveTextContent(
      'run x does not exist',
    );
  });
});

describe('what changed', () => {
  it('shows the changes of verdicts, each leading to who is affected', async () => {
    const api = new FakeImglifeApi();
    api.changes = [
      transition(),
      transition({ id: 2, base: '?', name: null, applications: 0 }),
      transition({ id: 3, base: '', name: null, applications: 1 }),
    ];
    renderPage(api, '/imglife/activity?kind=sync&cursor=7');
    await userEvent.click(
      await screen.findByRole('radio', { name: 'What changed' }),
    );
    const [first, unknown, none] = await rows();
    expect(first).toHaveTextContent(
      /alpine 3\.21\.3-core1\.0\.0.*OKcurrent.*Criticaloutdated.*bases built/,
    );
    expect(
      within(first).getByRole('link', { name: '2 applications' }),
    ).toHaveAttribute(
      'href',
      '/imglife/applications?base=registry.example.com%2Fbases%2Falpine%3A3.21.3-core1.0.0',
    );
    expect(unknown).toHaveTextContent('unknown base');
    expect(none).toHaveTextContent('no base');
    expect(within(none).queryByRole('link')).toBeNull();
    expect(screen.getByText('3 changes')).toBeInTheDocument();
    // the place in the list of runs is none here
    expect(api.activityQueries.at(-1)).toEqual({ limit: 20 });
  });

  it('is narrowed to a base by a link', async () => {
    const api = new FakeImglifeApi();
    renderPage(api, '/imglife/activity?view=changes&base=alpine:3.21');
    expect(
      await screen.findByText('No verdict on this base has changed yet.'),
    ).toBeInTheDocument();
    expect(api.activityQueries.at(-1)).toEqual({
      base: 'alpine:3.21',
      limit: 20,
    });
    await userEvent.click(
      within(screen.getByRole('grid', { name: /Filters/ })).getByRole('button'),
    );
    expect(
      await screen.findByText(/No verdict has changed yet/),
    ).toBeInTheDocument();
  });
});
