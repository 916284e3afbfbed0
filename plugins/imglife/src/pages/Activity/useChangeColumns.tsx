import { useRouteRef, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Cell, CellText, type ColumnConfig, Link, Text } from '@backstage/ui';
import type { Transition } from '@imglife/backstage-plugin-imglife-common';
import { useMemo } from 'react';
import { applicationsRouteRef } from '../../routes';
import { pathOf, tagOf } from '../../rules/imageName';
import { withQuery } from '../../rules/withQuery';
import { imglifeTranslationRef } from '../../translation';
import { NameCell } from '../cells/NameCell';
import { StatusIcon } from '../cells/StatusLabel';
import statusStyles from '../cells/StatusLabel.module.css';
import { WhenCell } from '../cells/WhenCell';

/** A change, its id as tables want it. */
export type ChangeRow = Omit<Transition, 'id'> & { id: string };

const UNKNOWN_BASE = '?';

function BaseCell(props: { row: ChangeRow }) {
  const { base, name } = props.row;
  const { t } = useTranslationRef(imglifeTranslationRef);
  if (base === '' || base === UNKNOWN_BASE) {
    return (
      <NameCell
        name={t(base === '' ? 'activity.noBase' : 'activity.unknownBase')}
      />
    );
  }
  return name === null ? (
    <NameCell name={base} />
  ) : (
    <NameCell name={`${name} ${tagOf(base)}`} below={pathOf(base)} />
  );
}

function JudgementCell(props: { judgement: Transition['to'] }) {
  const { status, freshness } = props.judgement;
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    <Cell>
      <span className={statusStyles.label}>
        <StatusIcon status={status} />
        <Text variant="body-medium">{t(`filter.${status}`)}</Text>
      </span>
      <Text as="p" variant="body-small" color="secondary">
        {t(`activity.freshness.${freshness}`)}
      </Text>
    </Cell>
  );
}

/** How many applications share the verdict now, leading to them. */
function AffectedCell(props: { row: ChangeRow }) {
  const { base, applications } = props.row;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const path = useRouteRef(applicationsRouteRef)?.();
  const isNamed = base !== '' && base !== UNKNOWN_BASE;
  const text = t('overview.applications', { count: applications });
  const href =
    applications > 0 && isNamed ? withQuery(path, { base }) : undefined;
  return href ? (
    <Cell>
      <Link href={href} variant="body-medium">
        {text}
      </Link>
    </Cell>
  ) : (
    <CellText title={text} />
  );
}

/** Columns of the changes. */
export function useChangeColumns(): ColumnConfig<ChangeRow>[] {
  const { t } = useTranslationRef(imglifeTranslationRef);
  return useMemo(
    () => [
      {
        id: 'base',
        label: t('activity.column.base'),
        isRowHeader: true,
        cell: row => <BaseCell row={row} />,
      },
      {
        id: 'from',
        label: t('activity.column.from'),
        cell: row => <JudgementCell judgement={row.from} />,
      },
      {
        id: 'to',
        label: t('activity.column.to'),
        cell: row => <JudgementCell judgement={row.to} />,
      },
      {
        id: 'cause',
        label: t('activity.column.cause'),
        cell: row => <NameCell name={row.cause} />,
      },
      {
        id: 'affected',
        label: t('activity.column.affected'),
        cell: row => <AffectedCell row={row} />,
      },
      {
        id: 'at',
        label: t('activity.column.at'),
        cell: row => <WhenCell at={row.at} />,
      },
    ],
    [t],
  );
}
