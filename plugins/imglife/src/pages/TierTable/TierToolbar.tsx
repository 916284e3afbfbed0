import type { TierCounts } from '@imglife/backstage-plugin-imglife-common';
import type { ReactNode } from 'react';
import type { TierTable } from '../../hooks/useTierTable';
import { ActiveFilters } from './ActiveFilters';
import { SearchBox } from './SearchBox';
import { StatusFilter } from './StatusFilter';
import styles from './TierTable.module.css';

/** Search, counts by status, filters of the link, and what a tier adds. */
export function TierToolbar(props: {
  table: TierTable<unknown>;
  counts: TierCounts | undefined;
  children?: ReactNode;
}) {
  const { table, counts, children } = props;
  return (
    <>
      <div className={styles.toolbar}>
        <div className={styles.search}>
          <SearchBox value={table.query.search} onChange={table.setSearch} />
        </div>
        <div className={styles.statuses}>
          <StatusFilter
            counts={counts}
            value={table.query.status}
            onChange={status => table.setFilter({ status })}
          />
        </div>
        <div className={styles.end}>{children}</div>
      </div>
      <ActiveFilters
        query={table.query}
        onRemove={filter => table.setFilter({ [filter]: undefined })}
      />
    </>
  );
}
