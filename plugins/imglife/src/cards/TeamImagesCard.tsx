import { stringifyEntityRef } from '@backstage/catalog-model';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { EntityInfoCard, useEntity } from '@backstage/plugin-catalog-react';
import { Flex, Link, Skeleton, Text } from '@backstage/ui';
import {
  type Status,
  statusValues,
  type TierCounts,
} from '@imglife/backstage-plugin-imglife-common';
import useSWR from 'swr';
import { imglifeApiRef } from '../api/imglifeApiRef';
import { cacheKey } from '../hooks/cacheKey';
import { Failure } from '../image/Failure';
import { useTierPath } from '../image/ImageLink';
import { StatusIcon } from '../pages/cells/StatusLabel';
import { imglifeTranslationRef } from '../translation';
import { countsOfOwner, type OwnedTier } from './countsOfOwner';
import styles from './cards.module.css';

const REFRESH_MS = 60_000;
const OWNED: OwnedTier[] = ['applications', 'bases'];

/** How many images of the team on the page need a look, and where they are. */
export function TeamImagesCard() {
  const { entity } = useEntity();
  const api = useApi(imglifeApiRef);
  const { t } = useTranslationRef(imglifeTranslationRef);
  const owner = stringifyEntityRef(entity);
  const { data, error, mutate } = useSWR<Record<OwnedTier, TierCounts>, Error>(
    [cacheKey(api), 'team', owner],
    () => countsOfOwner(api, owner),
    { refreshInterval: REFRESH_MS },
  );
  const shown = data && OWNED.filter(tier => data[tier].total > 0);
  return (
    <EntityInfoCard title={t('team.title')}>
      <Flex direction="column" gap="3">
        {error && (
          <Failure
            title={t('team.failed')}
            error={error}
            onRetry={() => void mutate()}
          />
        )}
        {!data && !error && <Skeleton height={64} />}
        {shown?.length === 0 && (
          <Text variant="body-medium">{t('team.none')}</Text>
        )}
        {shown?.map(tier => (
          <TeamTier key={tier} tier={tier} owner={owner} counts={data![tier]} />
        ))}
      </Flex>
    </EntityInfoCard>
  );
}

function TeamTier(props: {
  tier: OwnedTier;
  owner: string;
  counts: TierCounts;
}) {
  const { tier, owner, counts } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const path = useTierPath(tier);
  const hrefOf = (status: Status) =>
    `${path}?${new URLSearchParams({ owner, status })}`;
  return (
    <div role="group" aria-label={t(`tier.${tier}`)} className={styles.counts}>
      <Text variant="body-medium" weight="bold">
        {t(`tier.${tier}`)}
      </Text>
      {statusValues
        .filter(status => counts[status] > 0)
        .map(status => {
          const text = `${t(`filter.${status}`)} ${counts[
            status
          ].toLocaleString()}`;
          return (
            <span key={status} className={styles.count}>
              <StatusIcon status={status} />
              {path ? (
                <Link href={hrefOf(status)} variant="body-medium">
                  {text}
                </Link>
              ) : (
                <Text variant="body-medium">{text}</Text>
              )}
            </span>
          );
        })}
    </div>
  );
}
