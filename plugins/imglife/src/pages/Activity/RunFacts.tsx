import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { Run } from '@imglife/backstage-plugin-imglife-common';
import type { ReactNode } from 'react';
import { imglifeTranslationRef } from '../../translation';
import { When } from '../cells/WhenCell';
import styles from './Activity.module.css';
import { RunDuration } from './RunDuration';
import { RunStateLabel } from './RunStateLabel';
import { StartedBy } from './StartedBy';

/** State, who started it, when, and how long it took. */
export function RunFacts(props: { run: Run }) {
  const { run } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const facts: Array<[string, ReactNode]> = [
    [
      t('activity.column.state'),
      <>
        <RunStateLabel state={run.state} />
        {run.dryRun && ` (${t('activity.dryRun')})`}
      </>,
    ],
    [t('activity.column.startedBy'), <StartedBy run={run} />],
    [t('activity.column.queued'), <When at={run.createdAt} />],
    [t('runDialog.began'), run.startedAt ? <When at={run.startedAt} /> : '–'],
    [t('activity.column.took'), <RunDuration run={run} />],
  ];
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
