import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Cell,
  type ColumnConfig,
  Skeleton,
  Table,
  Text,
  useTable,
} from '@backstage/ui';
import type {
  ApplicationRow,
  HistoryEntry,
  Page,
} from '@imglife/backstage-plugin-imglife-common';
import { useMemo } from 'react';
import useSWR from 'swr';
import { imglifeApiRef } from '../api/imglifeApiRef';
import { cacheKey } from '../hooks/cacheKey';
import { Failure } from '../image/Failure';
import { Section } from '../image/Section';
import { NameCell } from '../pages/cells/NameCell';
import { WhenCell } from '../pages/cells/WhenCell';
import tableStyles from '../pages/TierTable/TierTable.module.css';
import { pathOf } from '../rules/imageName';
import { recommendedBase } from '../rules/recommendedBase';
import { imglifeTranslationRef } from '../translation';
import { DriftChart } from './DriftChart';

const NEWEST = 200;
const PAGE = 10;

type BuildRow = HistoryEntry & { id: string };

/** What was built of a repository and on which base: as a line, and as a table. */
export function BuildHistory(props: {
  repository: string;
  /** its current image: what it should stand on now */
  current: ApplicationRow;
}) {
  const { repository, current } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const { builds, error, retry } = useBuilds(repository);
  return (
    <Section
      title={t('component.builds', { repository: pathOf(repository) })}
      level={2}
    >
      {error && (
        <Failure
          title={t('image.historyFailed')}
          error={error}
          onRetry={retry}
        />
      )}
      {!builds && !error && <Skeleton height={160} />}
      {builds && builds.items.length === 0 && (
        <Text variant="body-medium">{t('image.noHistory')}</Text>
      )}
      {builds && builds.items.length > 0 && (
        <>
          <DriftChart
            entries={builds.items}
            newest={recommendedBase(current) ?? current.base?.reference ?? null}
          />
          <BuildTable entries={builds.items} />
        </>
      )}
      {builds?.pageInfo.nextCursor && (
        <Text variant="body-small">
          {t('component.older', { shown: String(NEWEST) })}
        </Text>
      )}
    </Section>
  );
}

/** The newest registrations of a repository. */
function useBuilds(repository: string) {
  const api = useApi(imglifeApiRef);
  const { data, error, mutate } = useSWR<Page<HistoryEntry>, Error>(
    [cacheKey(api), 'builds', repository],
    () => api.getHistory({ repository, kind: 'registration', limit: NEWEST }),
  );
  return { builds: data, error, retry: () => void mutate() };
}

function BuildTable(props: { entries: HistoryEntry[] }) {
  const { entries } = props;
  const rows = useMemo(
    () =>
      entries.map((entry, index) => ({
        ...entry,
        id: `${entry.at} ${entry.tag} ${index}`,
      })),
    [entries],
  );
  const { tableProps } = useTable<BuildRow>({
    mode: 'complete',
    data: rows,
    paginationOptions: {
      pageSize: PAGE,
      showPageSizeOptions: false,
      type: rows.length > PAGE ? 'page' : 'none',
    },
  });
  return (
    <div className={tableStyles.table}>
      <Table {...tableProps} columnConfig={useBuildColumns()} />
    </div>
  );
}

function useBuildColumns(): ColumnConfig<BuildRow>[] {
  const { t } = useTranslationRef(imglifeTranslationRef);
  return useMemo(
    () => [
      {
        id: 'tag',
        label: t('column.version'),
        isRowHeader: true,
        cell: row => <NameCell name={row.tag} />,
      },
      {
        id: 'at',
        label: t('image.registered'),
        cell: row => <WhenCell at={row.at} />,
      },
      {
        id: 'base',
        label: t('column.base'),
        cell: row => (
          <NameCell name={row.base ? pathOf(row.base) : t('table.noBase')} />
        ),
      },
      {
        id: 'revision',
        label: t('image.revision'),
        cell: row => <NameCell name={row.revision?.slice(0, 12) ?? '–'} />,
      },
      {
        id: 'actor',
        label: t('component.by'),
        cell: row => (
          <Cell>
            <Text variant="body-medium">{row.actor}</Text>
          </Cell>
        ),
      },
    ],
    [t],
  );
}
