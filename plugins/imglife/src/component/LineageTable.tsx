import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Table, Text, useTable } from '@backstage/ui';
import { useMemo } from 'react';
import { Section } from '../image/Section';
import tableStyles from '../pages/TierTable/TierTable.module.css';
import type { TierColumns, TierRow } from '../pages/TierTable/TierTable';
import { useUrlWith } from '../routing/useUrlState';
import { imglifeTranslationRef } from '../translation';

const PAGE = 10;

/** All rows of one tier that belong to a component, of which there are few. */
export function LineageTable<Row extends TierRow>(props: {
  title: string;
  rows: Row[];
  columns: TierColumns<Row>;
}) {
  const { title, rows, columns } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const urlWith = useUrlWith();
  const rowsWithId = useMemo(
    () => rows.map(row => ({ ...row, id: row.reference })),
    [rows],
  );
  // they come in the order that matters: the worst first
  const unsorted = useMemo(
    () => columns.map(column => ({ ...column, isSortable: false })),
    [columns],
  );
  const { tableProps } = useTable({
    mode: 'complete',
    data: rowsWithId,
    paginationOptions: {
      pageSize: PAGE,
      showPageSizeOptions: false,
      type: rows.length > PAGE ? 'page' : 'none',
    },
  });
  return (
    <Section title={title} level={2}>
      <div className={tableStyles.table}>
        <Table
          {...tableProps}
          columnConfig={unsorted}
          rowConfig={{ getHref: row => urlWith({ image: row.reference }) }}
          emptyState={
            <Text variant="body-medium">{t('component.noRows')}</Text>
          }
        />
      </div>
    </Section>
  );
}
