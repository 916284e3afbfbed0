import { useRouteRef, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Cell, CellText, type ColumnConfig, Link, Table } from '@backstage/ui';
import { useMemo } from 'react';
import { applicationsRouteRef } from '../../routes';
import type { AdoptionBar } from '../../rules/adoptionBars';
import { withQuery } from '../../rules/withQuery';
import { imglifeTranslationRef } from '../../translation';
import styles from './Overview.module.css';
import { useBarName } from './useBarName';

const COUNTS = ['critical', 'warning', 'unknown', 'ok'] as const;

/** The facts of the chart, with the status of the applications. */
export function AdoptionTable(props: { bars: AdoptionBar[] }) {
  const { t } = useTranslationRef(imglifeTranslationRef);
  const path = useRouteRef(applicationsRouteRef)?.();
  const nameOf = useBarName();
  const columns = useMemo<ColumnConfig<AdoptionBar>[]>(
    () => [
      {
        id: 'base',
        label: t('overview.base'),
        isRowHeader: true,
        cell: bar => {
          const href = withQuery(path, bar.query);
          return (
            <Cell>
              {href ? (
                <Link
                  href={href}
                  variant="body-medium"
                  className={styles.nowrap}
                >
                  {nameOf(bar)}
                </Link>
              ) : (
                nameOf(bar)
              )}
            </Cell>
          );
        },
      },
      {
        id: 'applications',
        label: t('tier.applications'),
        cell: bar => <CellText title={bar.applications.toLocaleString()} />,
      },
      {
        id: 'ended',
        label: t('status.ended'),
        cell: bar => <CellText title={bar.ended.toLocaleString()} />,
      },
      ...COUNTS.map(status => ({
        id: status,
        label: t(`filter.${status}`),
        cell: (bar: AdoptionBar) => (
          <CellText title={bar[status].toLocaleString()} />
        ),
      })),
    ],
    [t, path, nameOf],
  );
  return (
    <div className={styles.table}>
      <Table
        columnConfig={columns}
        data={props.bars}
        pagination={{ type: 'none' }}
      />
    </div>
  );
}
