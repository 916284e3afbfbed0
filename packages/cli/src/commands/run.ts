import type {
  Run,
  RunItem,
  RunKind,
  RunRequest,
} from '@imglife/backstage-plugin-imglife-common';
import type { CliContext } from '../CliContext';
import { exitCodes } from '../exitCodes';
import { sizeText } from '../sizeText';
import { tableLines } from '../tableLines';
import { waitForRun } from '../waitForRun';

/** How a run that was started is shown. */
export interface ShowRunOptions {
  wait?: boolean;
  output: 'text' | 'json';
}

/** Options of the commands that start a run. */
export interface RunOptions extends ShowRunOptions {
  kind: RunRequest['kind'];
  target?: string;
  dryRun?: boolean;
  force?: boolean;
}

/**
 * Starts a run, and with `wait` stays until it has ended.
 *
 * @returns the exit code: 1 when the run waited for did not succeed
 */
export async function run(
  options: RunOptions,
  context: CliContext,
): Promise<number> {
  const { kind, target, dryRun, force } = options;
  const request: RunRequest = {
    kind,
    ...(target && { target }),
    ...(dryRun && { dryRun }),
    ...(force && { force }),
  };
  const { id } = await context.api().startRun(request);
  return showRun({ id, kind }, options, context);
}

/**
 * Says that a run is queued, or with `wait` stays until it has ended.
 *
 * @returns the exit code: 1 when the run waited for did not succeed
 */
export async function showRun(
  { id, kind }: { id: string; kind: RunKind },
  options: ShowRunOptions,
  context: CliContext,
): Promise<number> {
  const isJson = options.output === 'json';
  if (!options.wait) {
    context.print(isJson ? JSON.stringify({ id }) : `queued ${kind} ${id}`);
    return exitCodes.ok;
  }
  const ended = await waitForRun(id, context, { quiet: isJson });
  if (!ended) {
    context.warn(
      `imglife: no longer waiting; the run ${id} goes on in the portal`,
    );
    return exitCodes.interrupted;
  }
  if (isJson) {
    context.print(JSON.stringify(ended, undefined, 2));
  } else {
    summaryLines(ended).forEach(line => context.print(line));
  }
  return ended.state === 'succeeded' ? exitCodes.ok : exitCodes.violation;
}

/**
 * A table of what was done with each image, with the bytes where any are
 * known; empty when there is none.
 */
export function itemLines(items: ReadonlyArray<RunItem>): string[] {
  const isSized = items.some(({ bytes }) => bytes !== undefined);
  const rows = items.map(
    ({ reference, action, state, reason, error, bytes }) => [
      state,
      action,
      reference,
      ...(isSized ? [bytes === undefined ? '' : sizeText(bytes)] : []),
      error ?? reason ?? '',
    ],
  );
  const head = [
    'STATE',
    'ACTION',
    'IMAGE',
    ...(isSized ? ['SIZE'] : []),
    'WHY',
  ];
  return rows.length ? tableLines(head, rows) : [];
}

function summaryLines(ended: Run): string[] {
  return [
    ...itemLines(ended.items),
    `${ended.kind} ${ended.state}: ${ended.progress.done} of ${
      ended.progress.total
    }${ended.dryRun ? ', nothing was changed' : ''}`,
    ...(ended.error ? [`error      ${ended.error}`] : []),
  ];
}
