import { useRouteRef, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Cell, CellText, Link } from '@backstage/ui';
import type {
  BaseRow,
  ImglifeApi,
  TierQuery,
} from '@imglife/backstage-plugin-imglife-common';
import { useMemo } from 'react';
import { applicationsRouteRef } from '../routes';
import { pathOf } from '../rules/imageName';
import { imglifeTranslationRef } from '../translation';
import { EolCell } from './cells/EolCell';
import { NameCell } from './cells/NameCell';
import { StatusCell } from './cells/StatusCell';
import { WhenCell } from './cells/WhenCell';
import { AllSwitch } from './TierTable/AllSwitch';
import type { TierColumns } from './TierTable/TierTable';
import { TierPage } from './TierPage';

const readBases = (api: ImglifeApi, query: TierQuery) => api.listBases(query);

/** How many applications stand on a base, leading to them. */
function UsedByCell(props: { row: BaseRow }) {
  const { row } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const applications = useRouteRef(applicationsRouteRef);
  const text = t('table.usedBy', { count: row.usedBy });
  if (row.usedBy === 0 || !applications) {
    return <CellText title={text} />;
  }
  const query = new URLSearchParams({ base: row.reference });
  return (
    <Cell>
      <Link href={`${applications()}?${query}`} variant="body-medium">
        {text}
      </Link>
    </Cell>
  );
}

/** What the table of bases shows of each. */
export function useBaseColumns(): TierColumns<BaseRow> {
  const { t } = useTranslationRef(imglifeTranslationRef);
  return useMemo(
    () => [
      {
        id: 'reference',
        label: t('column.image'),
        isRowHeader: true,
        isSortable: true,
        cell: row => (
          <NameCell name={row.name} below={pathOf(row.repository)} />
        ),
      },
      {
        id: 'version',
        label: t('column.version'),
        isSortable: true,
        cell: row => <NameCell name={row.tag} />,
      },
      {
        id: 'platforms',
        label: t('column.platforms'),
        cell: row => <NameCell name={row.platforms.join(', ')} />,
      },
      {
        id: 'builtAt',
        label: t('column.built'),
        isSortable: true,
        cell: row => (
          <WhenCell at={row.builtAt} note={row.reasons.join(', ')} />
        ),
      },
      {
        id: 'usedBy',
        label: t('column.usedBy'),
        cell: row => <UsedByCell row={row} />,
      },
      {
        id: 'eolDate',
        label: t('column.eol'),
        isSortable: true,
        cell: row => (
          <EolCell eolDate={row.eolDate} ended={row.support === 'ended'} />
        ),
      },
      {
        id: 'status',
        label: t('column.status'),
        isSortable: true,
        cell: row => <StatusCell facts={row} note={row.error} />,
      },
    ],
    [t],
  );
}

/** Tier 2: the organisation's own base images. */
export function BasesPage() {
  return (
    <TierPage
      tier="bases"
      read={readBases}
      columns={useBaseColumns()}
      actions={table => <AllSwitch tier="bases" table={table} />}
    />
  );
}
