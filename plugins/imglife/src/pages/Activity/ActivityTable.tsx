import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Alert,
  Button,
  type ColumnConfig,
  Flex,
  Table,
  type TableItem,
} from '@backstage/ui';
import type { ReactNode } from 'react';
import type { CursorPage } from '../../hooks/useCursorPage';
import type { UrlState } from '../../routing/useUrlState';
import { DEFAULT_PAGE_SIZE } from '../../rules/tierQuery';
import { imglifeTranslationRef } from '../../translation';
import styles from './Activity.module.css';

const PAGE_SIZES = [20, 50, 100];

/**
 * A list of the activity page, paged by cursor both ways through the URL. A
 * failing read is told above the rows that were there before.
 */
export function ActivityTable<Row extends TableItem>(props: {
  list: CursorPage<Row>;
  columns: ColumnConfig<Row>[];
  limit: number;
  /** that the page is not the first */
  cursor: string | undefined;
  change: (changes: UrlState) => void;
  /** how many there are, in words */
  countText: (shown: string, count: number, isLowerBound: boolean) => string;
  onOpen?: (row: Row) => void;
  emptyState: ReactNode;
}) {
  const { list, columns, limit, cursor, change, countText, onOpen } = props;
  const { page, error } = list;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const total = page?.totalItems ?? 0;
  return (
    <Flex direction="column" gap="3">
      {error && (
        <Alert
          status="danger"
          icon
          role="alert"
          title={t(page ? 'activity.failedStale' : 'activity.failed')}
          description={error.message}
          customActions={
            <Flex gap="2">
              {cursor && (
                <Button
                  size="small"
                  variant="tertiary"
                  onPress={() => change({ cursor: undefined })}
                >
                  {t('table.firstPage')}
                </Button>
              )}
              <Button size="small" variant="secondary" onPress={list.retry}>
                {t('table.retry')}
              </Button>
            </Flex>
          }
        />
      )}
      {(page || !error) && (
        <div className={styles.table}>
          <Table
            columnConfig={columns}
            data={page?.items}
            isPending={!page}
            isStale={list.isStale}
            rowConfig={onOpen && { onClick: onOpen }}
            pagination={{
              type: 'page',
              pageSize: limit,
              pageSizeOptions: PAGE_SIZES,
              onPageSizeChange: size =>
                change({
                  cursor: undefined,
                  limit: size === DEFAULT_PAGE_SIZE ? undefined : String(size),
                }),
              totalCount: page?.totalItems,
              getLabel: () =>
                countText(
                  total.toLocaleString(),
                  total,
                  page?.totalIsLowerBound ?? false,
                ),
              hasNextPage: page?.pageInfo.nextCursor !== undefined,
              hasPreviousPage: page?.pageInfo.prevCursor !== undefined,
              onNextPage: () => change({ cursor: page?.pageInfo.nextCursor }),
              onPreviousPage: () =>
                change({ cursor: page?.pageInfo.prevCursor }),
            }}
            emptyState={props.emptyState}
          />
        </div>
      )}
    </Flex>
  );
}
