import type { Run } from '@imglife/backstage-plugin-imglife-common';
import { DateTime } from 'luxon';
import { durationText } from '../../rules/durationText';

/** How long a run took, or has taken until now. */
export function RunDuration(props: {
  run: Pick<Run, 'startedAt' | 'finishedAt'>;
}) {
  const { startedAt, finishedAt } = props.run;
  if (!startedAt) {
    return <>–</>;
  }
  const end = finishedAt ? DateTime.fromISO(finishedAt) : DateTime.now();
  return <>{durationText(startedAt, end)}</>;
}
