import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, Flex, Text } from '@backstage/ui';
import type {
  ImglifeApi,
  Run,
  RunQuery,
} from '@imglife/backstage-plugin-imglife-common';
import { useMemo } from 'react';
import { useCursorPage } from '../../hooks/useCursorPage';
import { REFRESH_MS } from '../../hooks/useTierTable';
import { useUrlState } from '../../routing/useUrlState';
import { runQueryOf } from '../../rules/activityQuery';
import { isOpen } from '../../rules/isOpen';
import { imglifeTranslationRef } from '../../translation';
import { ActivityTable } from './ActivityTable';
import { NO_RUN_FILTERS, RunFilters } from './RunFilters';
import { useRunColumns } from './useRunColumns';

const LIVE_REFRESH_MS = 3_000;

const readRuns = (api: ImglifeApi, query: RunQuery) => api.listRuns(query);

const refreshOf = (runs: Run[]) =>
  runs.some(isOpen) ? LIVE_REFRESH_MS : REFRESH_MS;

/** Runs, newest first; what still runs is read again often. */
export function RunsList() {
  const { t } = useTranslationRef(imglifeTranslationRef);
  const [state, change] = useUrlState();
  const query = useMemo(() => runQueryOf(state), [state]);
  const list = useCursorPage('runs', query, readRuns, refreshOf);
  const { kind, state: runState, target, failing } = query;
  const isFiltered = [kind, runState, target, failing].some(
    value => value !== undefined,
  );
  return (
    <>
      <RunFilters query={query} change={change} />
      <ActivityTable
        list={list}
        columns={useRunColumns()}
        limit={query.limit!}
        cursor={query.cursor}
        change={change}
        onOpen={run => change({ run: run.id })}
        countText={(shown, count, isLowerBound) =>
          isLowerBound
            ? t('activity.rowsAtLeast', { shown })
            : t('activity.rows', { count, shown })
        }
        emptyState={
          isFiltered ? (
            <Flex align="center" gap="3">
              <Text variant="body-medium">{t('activity.noMatch')}</Text>
              <Button
                size="small"
                variant="secondary"
                onPress={() => change(NO_RUN_FILTERS)}
              >
                {t('filter.clear')}
              </Button>
            </Flex>
          ) : (
            <Text variant="body-medium">{t('activity.noRuns')}</Text>
          )
        }
      />
    </>
  );
}
