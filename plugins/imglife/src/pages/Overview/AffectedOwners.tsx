import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Skeleton, Text } from '@backstage/ui';
import { EntityDisplayName } from '@backstage/plugin-catalog-react';
import { useReading } from '../../hooks/useReading';
import { applicationsQuery } from '../../rules/adoptionBars';
import { type AffectedOwner, affectedOwners } from '../../rules/affectedOwners';
import type { BaseCycle } from '../../rules/baseCycles';
import { imglifeTranslationRef } from '../../translation';
import styles from './Overview.module.css';

const READ = 100;
const NAMED = 5;
const REFRESH_MS = 60_000;

/** The owners of the applications on a cycle of a base, most of them first. */
export function AffectedOwners(props: { cycle: BaseCycle }) {
  const { cycle } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const { value, error } = useReading(
    cycle.applications > 0 ? ['affected', cycle.id] : undefined,
    api => api.listApplications({ ...applicationsQuery(cycle), limit: READ }),
    REFRESH_MS,
  );
  if (cycle.applications === 0) {
    return <>{t('timeline.nobody')}</>;
  }
  if (error && !value) {
    return <>{t('timeline.whoFailed', { error: error.message })}</>;
  }
  if (!value) {
    return <Skeleton width={160} height={16} />;
  }
  const owners = affectedOwners(value.items);
  const more = owners.length - NAMED;
  return (
    <>
      <ul className={styles.owners}>
        {owners.slice(0, NAMED).map(owner => (
          <li key={owner.owner}>
            <OwnerLine owner={owner} />
          </li>
        ))}
        {more > 0 && <li>{t('timeline.moreOwners', { count: more })}</li>}
      </ul>
      {value.totalItems > value.items.length && (
        <Text as="p" variant="body-small" className={styles.why}>
          {t('timeline.first', {
            shown: value.items.length.toLocaleString(),
            total: value.totalItems.toLocaleString(),
          })}
        </Text>
      )}
    </>
  );
}

function OwnerLine(props: { owner: AffectedOwner }) {
  const { owner, count } = props.owner;
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    <>
      {owner ? (
        <EntityDisplayName entityRef={owner} hideIcon disableTooltip />
      ) : (
        t('timeline.noOwner')
      )}
      {': '}
      {t('overview.applications', { count })}
    </>
  );
}
