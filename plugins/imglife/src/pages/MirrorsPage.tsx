import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type {
  ImglifeApi,
  MirrorRow,
  TierQuery,
} from '@imglife/backstage-plugin-imglife-common';
import { useMemo } from 'react';
import { pathOf } from '../rules/imageName';
import { imglifeTranslationRef } from '../translation';
import { EolCell } from './cells/EolCell';
import { NameCell } from './cells/NameCell';
import { StatusCell } from './cells/StatusCell';
import { WhenCell } from './cells/WhenCell';
import type { TierColumns } from './TierTable/TierTable';
import { TierPage } from './TierPage';

const readMirrors = (api: ImglifeApi, query: TierQuery) =>
  api.listMirrors(query);

/** What the table of mirrors shows of each. */
export function useMirrorColumns(): TierColumns<MirrorRow> {
  const { t } = useTranslationRef(imglifeTranslationRef);
  return useMemo(
    () => [
      {
        id: 'reference',
        label: t('column.image'),
        isRowHeader: true,
        isSortable: true,
        cell: row => (
          <NameCell
            name={pathOf(row.repository)}
            below={t('table.mirroredFrom', {
              reference: row.upstream.reference,
            })}
          />
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
        id: 'pulledAt',
        label: t('column.pulled'),
        isSortable: true,
        cell: row => <WhenCell at={row.pulledAt} />,
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

/** Tier 1: unmodified copies of upstream tags. */
export function MirrorsPage() {
  return (
    <TierPage tier="mirrors" read={readMirrors} columns={useMirrorColumns()} />
  );
}
