import { useRouteRef, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text, VisuallyHidden } from '@backstage/ui';
import type { Adoption } from '@imglife/backstage-plugin-imglife-common';
import { useState } from 'react';
import type { Reading } from '../../hooks/useReading';
import { applicationsRouteRef } from '../../routes';
import { type AdoptionBar, adoptionBars } from '../../rules/adoptionBars';
import { withQuery } from '../../rules/withQuery';
import { imglifeTranslationRef } from '../../translation';
import { AdoptionTable } from './AdoptionTable';
import { BarLink } from './BarLink';
import { ChartOrTable } from './ChartOrTable';
import styles from './Overview.module.css';
import { OverviewCard } from './OverviewCard';
import { ShowAll } from './ShowAll';
import { useBarName } from './useBarName';

/** How many applications stand on each cycle of each base. */
export function AdoptionCard(props: { adoption: Reading<Adoption> }) {
  const { adoption } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const [isTable, setTable] = useState(false);
  return (
    <OverviewCard
      title={t('adoption.title')}
      reading={adoption}
      actions={<ChartOrTable isTable={isTable} onChange={setTable} />}
    >
      {value => {
        const bars = adoptionBars(value);
        if (!bars.length) {
          return <Text variant="body-medium">{t('adoption.empty')}</Text>;
        }
        return isTable ? (
          <AdoptionTable bars={bars} />
        ) : (
          <AdoptionChart bars={bars} />
        );
      }}
    </OverviewCard>
  );
}

function AdoptionChart(props: { bars: AdoptionBar[] }) {
  const { bars } = props;
  const most = Math.max(...bars.map(bar => bar.applications));
  const bases = bars.filter(({ kind }) => kind === 'base');
  const others = bars.filter(({ kind }) => kind !== 'base');
  return (
    <ShowAll items={bases}>
      {shown => (
        <ul className={styles.bars}>
          {[...shown, ...others].map(bar => (
            <li key={bar.id}>
              <Bar bar={bar} most={most} />
            </li>
          ))}
        </ul>
      )}
    </ShowAll>
  );
}

function Bar(props: { bar: AdoptionBar; most: number }) {
  const { bar, most } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const path = useRouteRef(applicationsRouteRef)?.();
  const name = useBarName()(bar);
  const applications = t('overview.applications', { count: bar.applications });
  const allEnded = bar.ended === bar.applications;
  const ended = allEnded
    ? t('adoption.ended')
    : t('adoption.someEnded', { shown: bar.ended.toLocaleString() });
  const hue = bar.kind === 'base' ? styles.fill : styles.fillOther;
  return (
    <BarLink href={withQuery(path, bar.query)} className={styles.adoptionBar}>
      <span className={styles.name}>{name}</span>
      <span className={styles.track}>
        <span
          className={`${styles.length} ${allEnded ? styles.fillEnded : hue}`}
          style={{ inlineSize: `${(100 * bar.applications) / most}%` }}
        />
      </span>
      <span className={styles.number}>
        <span aria-hidden>{bar.applications.toLocaleString()}</span>
        <VisuallyHidden>{applications}</VisuallyHidden>
      </span>
      <span className={styles.ended}>{bar.ended > 0 && ended}</span>
    </BarLink>
  );
}
