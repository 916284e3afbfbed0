import { useRouteRef, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Link, Text } from '@backstage/ui';
import { RiAlertFill, RiCheckboxCircleFill } from '@remixicon/react';
import {
  type Attention,
  attentionQuery,
  attentions,
  useAttention,
} from '../../hooks/useAttention';
import {
  activityRouteRef,
  applicationsRouteRef,
  basesRouteRef,
  mirrorsRouteRef,
} from '../../routes';
import { withQuery } from '../../rules/withQuery';
import { imglifeTranslationRef } from '../../translation';
import statusStyles from '../cells/StatusLabel.module.css';
import styles from './Overview.module.css';
import { OverviewCard } from './OverviewCard';

/** Moved tags, failing runs, bases nobody uses, applications nobody owns. */
export function AttentionCard() {
  const { t } = useTranslationRef(imglifeTranslationRef);
  const reading = useAttention();
  const paths: Record<Attention, string | undefined> = {
    moved: useRouteRef(mirrorsRouteRef)?.(),
    failing: useRouteRef(activityRouteRef)?.(),
    unused: useRouteRef(basesRouteRef)?.(),
    unowned: useRouteRef(applicationsRouteRef)?.(),
  };
  return (
    <OverviewCard title={t('attention.title')} reading={reading} height={96}>
      {counts => (
        <ul className={styles.attention}>
          {attentions.map(name => {
            const { count, isLowerBound } = counts[name];
            if (count === 0) {
              return (
                <li key={name} className={styles.attentionItem}>
                  <RiCheckboxCircleFill
                    aria-hidden
                    size={20}
                    className={statusStyles.success}
                  />
                  <Text variant="body-medium">
                    {t(`attention.${name}None`)}
                  </Text>
                </li>
              );
            }
            const found = t(`attention.${name}`, { count });
            const text = isLowerBound
              ? t('attention.atLeast', { found })
              : found;
            const href = withQuery(paths[name], attentionQuery[name]);
            return (
              <li key={name} className={styles.attentionItem}>
                <RiAlertFill
                  aria-hidden
                  size={20}
                  className={statusStyles.warning}
                />
                <div>
                  {href ? (
                    <Link href={href} variant="body-medium">
                      {text}
                    </Link>
                  ) : (
                    <Text variant="body-medium">{text}</Text>
                  )}
                  <Text
                    as="p"
                    variant="body-small"
                    color="secondary"
                    className={styles.why}
                  >
                    {t(`attention.${name}Why`)}
                  </Text>
                </div>
              </li>
            );
          })}
        </ul>
      )}
    </OverviewCard>
  );
}
