import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Cell, CellText, type ColumnConfig, Link, Table } from '@backstage/ui';
import { useMemo } from 'react';
import { type BaseCycle, cycleName } from '../../rules/baseCycles';
import { imglifeTranslationRef } from '../../translation';
import { EolCell } from '../cells/EolCell';
import { useCycleHref } from './useCycleHref';
import { AffectedOwners } from './AffectedOwners';
import styles from './Overview.module.css';

/** The facts of the timeline, and who is affected. */
export function EolTable(props: { cycles: BaseCycle[] }) {
  const { t } = useTranslationRef(imglifeTranslationRef);
  const hrefOf = useCycleHref();
  const columns = useMemo<ColumnConfig<BaseCycle>[]>(
    () => [
      {
        id: 'base',
        label: t('overview.base'),
        isRowHeader: true,
        cell: cycle => {
          const href = hrefOf(cycle);
          return (
            <Cell>
              {href ? (
                <Link
                  href={href}
                  variant="body-medium"
                  className={styles.nowrap}
                >
                  {cycleName(cycle)}
                </Link>
              ) : (
                cycleName(cycle)
              )}
            </Cell>
          );
        },
      },
      {
        id: 'eolDate',
        label: t('column.eol'),
        cell: cycle => <EolCell eolDate={cycle.eolDate} ended={false} />,
      },
      {
        id: 'applications',
        label: t('tier.applications'),
        cell: cycle => <CellText title={cycle.applications.toLocaleString()} />,
      },
      {
        id: 'who',
        label: t('timeline.who'),
        cell: cycle => (
          <Cell>
            {cycle.applications > 0 ? <AffectedOwners cycle={cycle} /> : '–'}
          </Cell>
        ),
      },
    ],
    [t, hrefOf],
  );
  return (
    <div className={styles.table}>
      <Table
        columnConfig={columns}
        data={props.cycles}
        pagination={{ type: 'none' }}
      />
    </div>
  );
}
