import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Tooltip, TooltipTrigger } from '@backstage/ui';
import { cycleName } from '../../rules/baseCycles';
import type { Timeline, TimelineBar } from '../../rules/eolTimeline';
import { imglifeTranslationRef } from '../../translation';
import { useEolWords } from '../cells/EolCell';
import { AffectedOwners } from './AffectedOwners';
import { BarLink } from './BarLink';
import { useCycleHref } from './useCycleHref';
import styles from './Overview.module.css';
import { ShowAll } from './ShowAll';

const TOOLTIP_DELAY_MS = 200;

/**
 * A bar per cycle of a base, between today and its end of life: ended ones to
 * the left of today's line.
 */
export function EolTimeline(props: { timeline: Timeline }) {
  const { timeline } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    <div>
      <div className={styles.axis} aria-hidden>
        <span className={styles.axisTrack}>
          {timeline.ticks.map(({ at, month }) => (
            <span
              key={at}
              className={styles.tick}
              // at the edges they stay within
              style={{
                insetInlineStart: `${at}%`,
                transform: `translateX(-${at === 100 || at === 0 ? at : 50}%)`,
              }}
            >
              {month.toFormat('LLL yy')}
            </span>
          ))}
          <span
            className={`${styles.tick} ${styles.tickToday}`}
            style={{ insetInlineStart: `${timeline.today}%` }}
          >
            {t('timeline.today')}
          </span>
        </span>
      </div>
      <ShowAll items={timeline.bars}>
        {shown => (
          <ul className={styles.bars}>
            {shown.map(bar => (
              <li key={bar.cycle.id}>
                <CycleBar bar={bar} timeline={timeline} />
              </li>
            ))}
          </ul>
        )}
      </ShowAll>
    </div>
  );
}

function CycleBar(props: { bar: TimelineBar; timeline: Timeline }) {
  const { bar, timeline } = props;
  const { cycle } = bar;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const hrefOf = useCycleHref();
  const distance = useEolWords()(cycle.eolDate);
  const applications = cycle.applications
    ? t('overview.applications', { count: cycle.applications })
    : t('overview.unused');
  return (
    <TooltipTrigger delay={TOOLTIP_DELAY_MS}>
      <BarLink href={hrefOf(cycle)} className={styles.cycleBar}>
        <span className={styles.name}>
          {cycleName(cycle)}
          <span className={styles.below}>{applications}</span>
        </span>
        <span className={styles.track}>
          <span
            className={[styles.span, fillOf(bar), bar.clipped && styles.clipped]
              .filter(Boolean)
              .join(' ')}
            style={
              bar.ended
                ? {
                    insetInlineEnd: `${100 - timeline.today}%`,
                    inlineSize: `${bar.width}%`,
                  }
                : {
                    insetInlineStart: `${timeline.today}%`,
                    inlineSize: `${bar.width}%`,
                  }
            }
          />
          <span
            className={styles.today}
            style={{ insetInlineStart: `${timeline.today}%` }}
          />
        </span>
        <span className={styles.when}>
          {cycle.eolDate}
          <span className={styles.below}>{distance}</span>
        </span>
      </BarLink>
      <Tooltip placement="top">
        <AffectedOwners cycle={cycle} />
      </Tooltip>
    </TooltipTrigger>
  );
}

function fillOf({ ended, cycle }: TimelineBar): string {
  if (ended) {
    return styles.fillEnded;
  }
  return cycle.ending ? styles.fillEnding : styles.fill;
}
