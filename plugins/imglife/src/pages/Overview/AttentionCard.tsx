import { useRouteRef, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Link, Text } from '@backstage/ui';
import { RiAlertFill, RiCheckboxCircleFill } from '@remixicon/react';
import {
  type Attention,
  type AttentionCount,
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

const ICON_SIZE = 20;

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
          {attentions.map(name => (
            <li key={name} className={styles.attentionItem}>
              {counts[name].count === 0 ? (
                <Fine name={name} />
              ) : (
                <Wanting name={name} found={counts[name]} path={paths[name]} />
              )}
            </li>
          ))}
        </ul>
      )}
    </OverviewCard>
  );
}

function Fine(props: { name: Attention }) {
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    <>
      <RiCheckboxCircleFill
        aria-hidden
        size={ICON_SIZE}
        className={statusStyles.success}
      />
      <Text variant="body-medium">{t(`attention.${props.name}None`)}</Text>
    </>
  );
}

function Wanting(props: {
  name: Attention;
  found: AttentionCount;
  path: string | undefined;
}) {
  const { name, found, path } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const counted = t(`attention.${name}`, { count: found.count });
  const text = found.isLowerBound
    ? t('attention.atLeast', { found: counted })
    : counted;
  const href = withQuery(path, attentionQuery[name]);
  return (
    <>
      <RiAlertFill
        aria-hidden
        size={ICON_SIZE}
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
    </>
  );
}
