import type { Run } from '@imglife/backstage-plugin-imglife-common';
import type { CliContext } from './CliContext';
import { RunView } from './RunView';

const POLL_MS = 1_000;
const END_OF_LOG_MS = 5_000;

/**
 * Shows a run until it has ended: its log, and its progress as a bar on a
 * terminal, else as lines where it got further by a tenth.
 *
 * @param options - `quiet` shows nothing
 * @returns the run; undefined when Ctrl-C was pressed
 */
export async function waitForRun(
  id: string,
  context: CliContext,
  options: { quiet: boolean },
): Promise<Run | undefined> {
  const stop = new AbortController();
  let interrupted = false;
  const forget = context.onInterrupt(() => {
    interrupted = true;
    stop.abort();
  });
  const view = options.quiet ? undefined : RunView.create(context);
  const log = view && followLog(id, context, view, stop.signal);
  try {
    const ended = await pollRun(id, context, view, stop.signal);
    // What was written last is in the log, and may be still on its way
    await Promise.race([log, endOfLog(context)]);
    return ended;
  } catch (error) {
    if (interrupted) {
      return undefined;
    }
    throw error;
  } finally {
    forget();
    stop.abort();
    view?.clear();
  }
}

async function pollRun(
  id: string,
  context: CliContext,
  view: RunView | undefined,
  signal: AbortSignal,
): Promise<Run> {
  const api = context.api();
  for (;;) {
    const run = await api.getRun(id, { signal });
    view?.progress(run);
    if (run.state !== 'queued' && run.state !== 'running') {
      return run;
    }
    await context.sleep(POLL_MS);
    signal.throwIfAborted();
  }
}

/** A log that breaks off is taken up where it was; it is never a failure. */
async function followLog(
  id: string,
  context: CliContext,
  view: RunView,
  signal: AbortSignal,
): Promise<void> {
  const api = context.api();
  let shown = 0;
  while (!signal.aborted) {
    let at = 0;
    try {
      for await (const line of api.followRunLog(id, { signal })) {
        at += 1;
        if (at > shown) {
          view.log(line);
          shown = at;
        }
      }
      return;
    } catch {
      await context.sleep(POLL_MS);
    }
  }
}

function endOfLog(context: CliContext): Promise<unknown> {
  return context.sleep(END_OF_LOG_MS);
}
