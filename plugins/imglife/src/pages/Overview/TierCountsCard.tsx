import { useRouteRef, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Card, Flex, Link, Text } from '@backstage/ui';
import {
  statusValues,
  type TierCounts,
} from '@imglife/backstage-plugin-imglife-common';
import type { Tier } from '../../hooks/useTierTable';
import {
  applicationsRouteRef,
  basesRouteRef,
  mirrorsRouteRef,
} from '../../routes';
import { withQuery } from '../../rules/withQuery';
import { imglifeTranslationRef } from '../../translation';
import { StatusIcon } from '../cells/StatusLabel';
import { Loading } from '../Loading';
import styles from './Overview.module.css';

const ROUTES = {
  mirrors: mirrorsRouteRef,
  bases: basesRouteRef,
  applications: applicationsRouteRef,
};

/** How many images a tier has, and how many of each status. */
export function TierCountsCard(props: {
  tier: Tier;
  /** undefined until they are read, or while they cannot be */
  counts: TierCounts | undefined;
  isLoading: boolean;
}) {
  const { tier, counts, isLoading } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const path = useRouteRef(ROUTES[tier])?.();
  const name = t(`tier.${tier}`);
  return (
    <Card className={styles.card}>
      <Flex align="baseline" gap="2" mb="3">
        <Text as="h2" variant="title-x-small">
          {path ? (
            <Link href={path} variant="title-x-small" standalone>
              {name}
            </Link>
          ) : (
            name
          )}
        </Text>
        {counts && (
          <Text variant="title-x-small" color="secondary">
            {counts.total.toLocaleString()}
          </Text>
        )}
      </Flex>
      {isLoading && <Loading height={48} />}
      {!counts && !isLoading && <Text>–</Text>}
      {counts?.total === 0 && (
        <Text
          as="p"
          variant="body-small"
          color="secondary"
          className={styles.why}
        >
          {t(`empty.${tier}`)}
        </Text>
      )}
      {counts && counts.total > 0 && (
        <ul
          className={styles.counts}
          aria-label={t('overview.tierCounts', { tier: name })}
        >
          {statusValues.map(status => {
            const text = `${counts[status].toLocaleString()} ${t(
              `filter.${status}`,
            )}`;
            const href = counts[status]
              ? withQuery(path, { status })
              : undefined;
            return (
              <li key={status} className={styles.count}>
                <StatusIcon status={status} />
                {href ? (
                  <Link href={href} variant="body-medium">
                    {text}
                  </Link>
                ) : (
                  <Text variant="body-medium" color="secondary">
                    {text}
                  </Text>
                )}
              </li>
            );
          })}
        </ul>
      )}
    </Card>
  );
}
