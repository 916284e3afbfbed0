import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Alert,
  Button,
  type ColumnConfig,
  Flex,
  Table,
  Text,
} from '@backstage/ui';
import type { OrderField } from '@imglife/backstage-plugin-imglife-common';
import type {
  Tier,
  TierTable as TierTableState,
} from '../../hooks/useTierTable';
import { useUrlWith } from '../../routing/useUrlState';
import { imglifeTranslationRef } from '../../translation';
import styles from './TierTable.module.css';

const PAGE_SIZES = [20, 50, 100];

/** A row as every tier has it. */
export interface TierRow {
  reference: string;
}

/** Columns of a tier; a sortable one is named as what it is ordered by. */
export type TierColumns<Row> = ColumnConfig<Row & { id: string }>[];

/**
 * A page of a tier: sorted, paged and refreshed by the server. A failing read
 * is told above the rows that were there before.
 */
export function TierTable<Row extends TierRow>(props: {
  tier: Tier;
  table: TierTableState<Row>;
  columns: TierColumns<Row>;
}) {
  const { tier, table, columns } = props;
  const { page, query } = table;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const urlWith = useUrlWith();
  const shown = (page?.totalItems ?? 0).toLocaleString();
  const rows = page?.items.map(row => ({ ...row, id: row.reference }));
  return (
    <Flex direction="column" gap="3">
      {table.error && <TableError table={table} hasRows={rows !== undefined} />}
      {(rows || !table.error) && (
        <div className={styles.table}>
          <Table
            columnConfig={columns}
            data={rows}
            isPending={!rows}
            isStale={table.isStale}
            rowConfig={{
              getHref: row => urlWith({ image: row.reference }),
            }}
            sort={{
              descriptor: {
                column: query.orderBy ?? 'reference',
                direction: query.order === 'desc' ? 'descending' : 'ascending',
              },
              onSortChange: ({ column, direction }) =>
                table.setOrder(
                  column as OrderField,
                  direction === 'descending' ? 'desc' : 'asc',
                ),
            }}
            pagination={{
              type: 'page',
              pageSize: query.limit!,
              pageSizeOptions: PAGE_SIZES,
              onPageSizeChange: table.setPageSize,
              totalCount: page?.totalItems,
              getLabel: () =>
                page?.totalIsLowerBound
                  ? t('table.rowsAtLeast', { shown })
                  : t('table.rows', { count: page?.totalItems ?? 0, shown }),
              hasNextPage: page?.pageInfo.nextCursor !== undefined,
              hasPreviousPage: page?.pageInfo.prevCursor !== undefined,
              onNextPage: () => table.goTo(page?.pageInfo.nextCursor),
              onPreviousPage: () => table.goTo(page?.pageInfo.prevCursor),
            }}
            emptyState={<EmptyTable tier={tier} table={table} />}
          />
        </div>
      )}
    </Flex>
  );
}

function TableError(props: {
  table: TierTableState<unknown>;
  hasRows: boolean;
}) {
  const { table, hasRows } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    <Alert
      status="danger"
      icon
      role="alert"
      title={t(hasRows ? 'table.failedStale' : 'table.failed')}
      description={table.error?.message}
      customActions={
        <Flex gap="2">
          {table.query.cursor && (
            <Button
              size="small"
              variant="tertiary"
              onPress={() => table.goTo(undefined)}
            >
              {t('table.firstPage')}
            </Button>
          )}
          <Button size="small" variant="secondary" onPress={table.retry}>
            {t('table.retry')}
          </Button>
        </Flex>
      }
    />
  );
}

function EmptyTable(props: { tier: Tier; table: TierTableState<unknown> }) {
  const { tier, table } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  if (!table.isFiltered) {
    return <Text variant="body-medium">{t(`empty.${tier}`)}</Text>;
  }
  return (
    <Flex align="center" gap="3">
      <Text variant="body-medium">{t('table.noMatch')}</Text>
      <Button size="small" variant="secondary" onPress={table.clear}>
        {t('filter.clear')}
      </Button>
    </Flex>
  );
}
