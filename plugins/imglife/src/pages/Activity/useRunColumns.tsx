import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Cell, type ColumnConfig, Text } from '@backstage/ui';
import type { Run } from '@imglife/backstage-plugin-imglife-common';
import { useMemo } from 'react';
import { imglifeTranslationRef } from '../../translation';
import { NameCell } from '../cells/NameCell';
import { WhenCell } from '../cells/WhenCell';
import styles from './Activity.module.css';
import { RunDuration } from './RunDuration';
import { RunProgress } from './RunProgress';
import { RunStateLabel } from './RunStateLabel';
import { StartedBy } from './StartedBy';

/** Columns of the runs. */
export function useRunColumns(): ColumnConfig<Run>[] {
  const { t } = useTranslationRef(imglifeTranslationRef);
  return useMemo(
    () => [
      {
        id: 'run',
        label: t('activity.column.run'),
        isRowHeader: true,
        cell: run => (
          <NameCell
            name={t(`activity.kind.${run.kind}`)}
            below={[
              run.target ?? t('activity.everything'),
              run.dryRun && t('activity.dryRun'),
            ]
              .filter(Boolean)
              .join(', ')}
          />
        ),
      },
      {
        id: 'state',
        label: t('activity.column.state'),
        cell: run => (
          <Cell>
            <RunStateLabel state={run.state} />
            {run.error && (
              <Text
                as="p"
                variant="body-small"
                color="secondary"
                className={styles.error}
              >
                {run.error}
              </Text>
            )}
          </Cell>
        ),
      },
      {
        id: 'progress',
        label: t('activity.column.progress'),
        cell: run => (
          <Cell>
            <RunProgress run={run} />
          </Cell>
        ),
      },
      {
        id: 'startedBy',
        label: t('activity.column.startedBy'),
        cell: run => <NameCell name={<StartedBy run={run} />} />,
      },
      {
        id: 'createdAt',
        label: t('activity.column.queued'),
        cell: run => <WhenCell at={run.createdAt} />,
      },
      {
        id: 'took',
        label: t('activity.column.took'),
        cell: run => <NameCell name={<RunDuration run={run} />} />,
      },
    ],
    [t],
  );
}
