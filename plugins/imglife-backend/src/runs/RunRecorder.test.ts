import { mockServices } from '@backstage/backend-test-utils';
import type { RunItem } from '@imglife/backstage-plugin-imglife-common';
import { RunRecorder } from './RunRecorder';
import type { RunChanges, RunStore } from './RunStore';

const item: RunItem = {
  reference: 'a',
  action: 'copy',
  reason: null,
  state: 'planned',
  error: null,
};

function createRecorder(
  store: { save?: RunStore['save']; cancelled?: () => boolean } = {},
) {
  const saved: RunChanges[] = [];
  const save = jest.fn<Promise<boolean>, Parameters<RunStore['save']>>(
    store.save ?? (async () => true),
  );
  const recorder = RunRecorder.start({
    store: {
      save: async (id, attempt, changes) => {
        const mine = await save(id, attempt, changes);
        saved.push(changes);
        return mine;
      },
      isCancelRequested: async () => store.cancelled?.() ?? false,
    },
    run: {
      id: 'r1',
      kind: 'sync',
      dryRun: false,
      force: true,
      actor: 'user:default/guest',
      attempt: 3,
    },
    now: () => new Date('2026-11-23T10:00:00.000Z'),
    logger: mockServices.logger.mock(),
  });
  const context = recorder.context(recorder.signal);
  return { recorder, context, save, saved };
}

describe('RunRecorder', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('writes what was said once a second, with the attempt', async () => {
    const { recorder, context, save } = createRecorder();
    context.log('one');
    context.item(item);
    context.progress({ total: 2 });
    context.progress({ done: 1, bytes: 10 });
    expect(save).not.toHaveBeenCalled();

    await jest.advanceTimersByTimeAsync(1_000);
    expect(save).toHaveBeenCalledTimes(1);
    expect(save).toHaveBeenLastCalledWith('r1', 3, {
      items: [item],
      lines: [{ at: '2026-11-23T10:00:00.000Z', text: 'one' }],
      done: 1,
      total: 2,
      bytes: 10,
    });

    await jest.advanceTimersByTimeAsync(5_000);
    await recorder.stop();
    expect(save).toHaveBeenCalledTimes(1);
    context.progress({ done: 1 });
    await jest.advanceTimersByTimeAsync(5_000);
    expect(save).toHaveBeenCalledTimes(1);
  });

  it('keeps what is said while it writes', async () => {
    let release = (_: boolean) => {};
    const first = new Promise<boolean>(resolve => {
      release = resolve;
    });
    const answers = [first, Promise.resolve(true)];
    const { recorder, context, saved } = createRecorder({
      save: () => answers.shift()!,
    });
    context.log('before');
    await jest.advanceTimersByTimeAsync(1_000);
    context.log('during');
    context.item(item);
    context.progress({ done: 5 });
    release(true);
    await recorder.stop();

    expect(saved[0].lines.map(line => line.text)).toEqual(['before']);
    expect(saved[0].items).toEqual([]);
    expect(saved[1].lines.map(line => line.text)).toEqual(['during']);
    expect(saved[1]).toMatchObject({ items: [item], done: 5 });
  });

  it('saves progress that came while it wrote', async () => {
    let release = (_: boolean) => {};
    const answers = [
      new Promise<boolean>(resolve => {
        release = resolve;
      }),
      Promise.resolve(true),
    ];
    const { recorder, context, saved } = createRecorder({
      save: () => answers.shift()!,
    });
    context.progress({ done: 1 });
    await jest.advanceTimersByTimeAsync(1_000);
    context.progress({ done: 1 });
    release(true);
    await recorder.stop();

    expect(saved.map(changes => changes.done)).toEqual([1, 2]);
  });

  it('writes later what it could not write now, in order', async () => {
    const answers = [
      Promise.reject(new Error('database away')),
      Promise.resolve(true),
    ];
    answers[0].catch(() => {});
    const { recorder, context, saved } = createRecorder({
      save: () => answers.shift()!,
    });
    context.log('one');
    context.progress({ done: 1 });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(saved).toEqual([]);
    expect(recorder.signal.aborted).toBe(false);
    context.log('two');
    await jest.advanceTimersByTimeAsync(1_000);

    expect(saved).toHaveLength(1);
    expect(saved[0].lines.map(line => line.text)).toEqual(['one', 'two']);
    expect(saved[0].done).toBe(1);
    await recorder.stop();
  });

  it('aborts the work when the run is cancelled', async () => {
    let cancelled = false;
    const { recorder } = createRecorder({ cancelled: () => cancelled });
    await jest.advanceTimersByTimeAsync(3_000);
    expect(recorder.signal.aborted).toBe(false);
    cancelled = true;
    await jest.advanceTimersByTimeAsync(1_000);

    expect(recorder.signal.reason).toEqual(new Error('the run was cancelled'));
    expect(recorder).toMatchObject({ cancelled: true, superseded: false });
    await recorder.stop();
  });

  it('aborts the work when another attempt has taken over', async () => {
    const { recorder, context } = createRecorder({ save: async () => false });
    context.log('one');
    await jest.advanceTimersByTimeAsync(1_000);

    expect(recorder.signal.aborted).toBe(true);
    expect(recorder).toMatchObject({ cancelled: false, superseded: true });
    await recorder.stop();
  });

  it('counts the references whose last item failed', async () => {
    const { recorder, context } = createRecorder();
    context.item({ ...item, state: 'failed' });
    context.item({ ...item, reference: 'b', state: 'failed' });
    context.item({ ...item, reference: 'b', state: 'failed' });
    context.item({ ...item, reference: 'c', state: 'done' });
    context.item({ ...item, state: 'done' });

    expect(recorder.failures).toEqual(['b']);
    await recorder.stop();
  });
});
