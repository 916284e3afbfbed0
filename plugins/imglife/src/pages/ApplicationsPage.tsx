import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { EntityRefLink } from '@backstage/plugin-catalog-react';
import type {
  ApplicationRow,
  ImglifeApi,
  TierQuery,
} from '@imglife/backstage-plugin-imglife-common';
import { useMemo } from 'react';
import { applicationFacts } from '../rules/applicationFacts';
import { pathOf, shortName, tagOf } from '../rules/imageName';
import { imglifeTranslationRef } from '../translation';
import { EolCell } from './cells/EolCell';
import { NameCell } from './cells/NameCell';
import { StatusCell } from './cells/StatusCell';
import { WhenCell } from './cells/WhenCell';
import { AllSwitch } from './TierTable/AllSwitch';
import type { TierColumns } from './TierTable/TierTable';
import { TierPage } from './TierPage';

const readApplications = (api: ImglifeApi, query: TierQuery) =>
  api.listApplications(query);

function BaseCell(props: { row: ApplicationRow }) {
  const { base, freshness, platformBases } = props.row;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const worst = platformBases ? t('table.worstOfPlatforms') : undefined;
  if (!base) {
    return <NameCell name={t('table.noBase')} below={worst} />;
  }
  const repository = base.reference.slice(0, base.reference.lastIndexOf(':'));
  return (
    <NameCell
      name={`${base.name ?? shortName(repository)} ${tagOf(base.reference)}`}
      below={
        worst ??
        (freshness === 'unmanaged'
          ? t('table.unmanagedBase')
          : pathOf(repository))
      }
    />
  );
}

function ApplicationStatusCell(props: { row: ApplicationRow }) {
  const { row } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const notes = [
    row.exemption && t('table.exemptUntil', { date: row.exemption.until }),
    row.graceUntil && t('table.graceUntil', { date: row.graceUntil }),
  ];
  return (
    <StatusCell
      facts={applicationFacts(row)}
      note={notes.filter(Boolean).join(', ')}
    />
  );
}

/** What the table of applications shows of each. */
export function useApplicationColumns(): TierColumns<ApplicationRow> {
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
            name={`${shortName(row.repository)}:${row.tag}`}
            below={
              row.entityRef ? (
                <EntityRefLink entityRef={row.entityRef} />
              ) : (
                pathOf(row.repository)
              )
            }
          />
        ),
      },
      {
        id: 'base',
        label: t('column.base'),
        cell: row => <BaseCell row={row} />,
      },
      {
        id: 'owner',
        label: t('column.owner'),
        cell: row => (
          <NameCell
            name={row.owner ? <EntityRefLink entityRef={row.owner} /> : '–'}
          />
        ),
      },
      {
        id: 'builtAt',
        label: t('column.built'),
        isSortable: true,
        cell: row => (
          <WhenCell at={row.builtAt} note={row.revision?.slice(0, 12)} />
        ),
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
        cell: row => <ApplicationStatusCell row={row} />,
      },
    ],
    [t],
  );
}

/** Tier 3: the images that teams built. */
export function ApplicationsPage() {
  return (
    <TierPage
      tier="applications"
      read={readApplications}
      columns={useApplicationColumns()}
      actions={table => <AllSwitch tier="applications" table={table} />}
    />
  );
}
