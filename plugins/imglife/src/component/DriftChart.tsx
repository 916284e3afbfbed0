import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import type { HistoryEntry } from '@imglife/backstage-plugin-imglife-common';
import { useNow } from '../hooks/useNow';
import { type DriftLine, driftLine } from '../rules/driftLine';
import { pathOf, tagOf, untagged } from '../rules/imageName';
import { imglifeTranslationRef } from '../translation';
import styles from './DriftChart.module.css';

const LANE = 28;
const DOT = 4;

/**
 * The bases of an image over time: a lane each, the newest above, and a line
 * along what it was built on. The table below it says the same.
 *
 * @param props - `entries` are the last registrations of one repository, newest first;
 *   `newest` is the base that it should be built on now
 */
export function DriftChart(props: {
  entries: HistoryEntry[];
  newest: string | null;
}) {
  const { entries, newest } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const line = driftLine(entries, newest, useNow());
  const nameOf = (base: string | null) =>
    base ? pathOf(base) : t('table.noBase');
  // where all are of one repository, the tag tells them apart
  const isOne =
    new Set(
      line.lanes.flatMap(({ base: of }) => (of === null ? [] : untagged(of))),
    ).size === 1;
  const last = line.steps.at(-1)!;
  const standsOn = line.lanes[last.lane];
  const base = nameOf(standsOn.base);
  const words =
    newest === null || standsOn.isNewest
      ? t('component.onNewest', { base })
      : t('component.drifted', { base, newest: pathOf(newest) });
  return (
    <figure className={styles.figure}>
      <div className={styles.chart}>
        <ul className={styles.labels}>
          {line.lanes.map(({ base: of, isNewest }) => (
            <li key={of ?? ''}>
              <Text variant="body-small" weight={isNewest ? 'bold' : 'regular'}>
                {of && isOne ? tagOf(of) : nameOf(of)}
              </Text>
            </li>
          ))}
        </ul>
        <Lines line={line} words={words} />
        <span />
        <div className={styles.axis}>
          <Text variant="body-small" color="secondary">
            {entries.at(-1)!.at.slice(0, 10)}
          </Text>
          <Text variant="body-small" color="secondary">
            {t('component.now')}
          </Text>
        </div>
      </div>
      <figcaption>
        <Text variant="body-small">{words}</Text>
      </figcaption>
    </figure>
  );
}

function Lines(props: { line: DriftLine; words: string }) {
  const { lanes, steps, points } = props.line;
  return (
    <svg
      className={styles.lines}
      height={lanes.length * LANE}
      role="img"
      aria-label={props.words}
    >
      {lanes.map(({ base, isNewest }, lane) => (
        <line
          key={base ?? ''}
          className={isNewest ? styles.newest : styles.lane}
          x1="0%"
          x2="100%"
          y1={middle(lane)}
          y2={middle(lane)}
        />
      ))}
      {steps.map(({ lane, from, to }, index) => (
        <line
          key={`along ${index}`}
          className={styles.line}
          x1={percent(from)}
          x2={percent(to)}
          y1={middle(lane)}
          y2={middle(lane)}
        />
      ))}
      {steps.slice(1).map(({ lane, from }, index) => (
        <line
          key={`to ${index}`}
          className={styles.line}
          x1={percent(from)}
          x2={percent(from)}
          y1={middle(steps[index].lane)}
          y2={middle(lane)}
        />
      ))}
      {points.map(({ lane, at, entry }, index) => (
        <circle
          key={`${entry.at} ${entry.tag} ${index}`}
          className={styles.dot}
          cx={percent(at)}
          cy={middle(lane)}
          r={DOT}
        >
          <title>
            {entry.tag} · {entry.at.slice(0, 10)}
          </title>
        </circle>
      ))}
    </svg>
  );
}

function middle(lane: number): number {
  return lane * LANE + LANE / 2;
}

// room for half a dot at either end
function percent(place: number): string {
  return `${(1 + place * 98).toFixed(2)}%`;
}
