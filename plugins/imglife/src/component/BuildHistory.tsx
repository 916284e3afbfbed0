import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Cell, type ColumnConfig, Skeleton, Table, Text } from '@backstage/ui';
import type {
  ApplicationRow,
  HistoryEntry,
  Page,
} from '@imglife/backstage-plugin-imglife-common';
import { useMemo } from 'react';
import { usePages } from '../hooks/usePages';
import { Failure } from '../image/Failure';
import { PageButtons } from '../image/PageButtons';
import { Section } from '../image/Section';
import { NameCell } from '../pages/cells/NameCell';
import { WhenCell } from '../pages/cells/WhenCell';
import tableStyles from '../pages/TierTable/TierTable.module.css';
import { pathOf } from '../rules/imageName';
import { recommendedBase } from '../rules/recommendedBase';
import { imglifeTranslationRef } from '../translation';
import { DriftChart } from './DriftChart';

const PAGE = 20;

type BuildRow = HistoryEntry & { id: string };

/** What was built of a repository and on which base: as a line, and as a table. */
export function BuildHistory(props: {
  repository: string;
  /** its current image: what it should stand on now */
  current: ApplicationRow;
}) {
  const { repository, current } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const { answer, error, retry, ...pages } = usePages<Page<HistoryEntry>>(
    ['history', repository, 'registration'],
    (api, cursor) =>
      api.getHistory({ repository, kind: 'registration', cursor, limit: PAGE }),
  );
  const rows = useMemo(
    () =>
      answer?.items.map((entry, index) => ({
        ...entry,
        id: `${entry.at} ${entry.tag} ${index}`,
      })),
    [answer],
  );
  const title = t('component.builds', { repository: pathOf(repository) });
  return (
    <Section title={title} level={2}>
      {error && (
        <Failure
          title={t('image.historyFailed')}
          error={error}
          onRetry={retry}
        />
      )}
      {!answer && !error && <Skeleton height={160} />}
      {answer && answer.items.length === 0 && (
        <Text variant="body-medium">{t('image.noHistory')}</Text>
      )}
      {answer && answer.items.length > 0 && (
        <DriftChart
          entries={answer.items}
          newest={recommendedBase(current) ?? current.base?.reference ?? null}
        />
      )}
      {rows && rows.length > 0 && <BuildTable rows={rows} />}
      <PageButtons
        label={title}
        isFirst={pages.isFirst}
        nextCursor={answer?.pageInfo.nextCursor}
        onPrevious={pages.previous}
        onNext={pages.next}
      />
    </Section>
  );
}

function BuildTable(props: { rows: BuildRow[] }) {
  return (
    <div className={tableStyles.table}>
      <Table
        columnConfig={useBuildColumns()}
        data={props.rows}
        pagination={{ type: 'none' }}
      />
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
