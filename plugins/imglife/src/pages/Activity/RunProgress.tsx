import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import type { Run } from '@imglife/backstage-plugin-imglife-common';
import { sizeText } from '../../rules/sizeText';
import { imglifeTranslationRef } from '../../translation';
import styles from './Activity.module.css';

/** How far a run has come: a bar while it runs, and the numbers. */
export function RunProgress(props: { run: Pick<Run, 'state' | 'progress'> }) {
  const { state, progress } = props.run;
  const { done, total, bytes } = progress;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const isRunning = state === 'running';
  if (!isRunning && total === 0) {
    return <Text variant="body-medium">–</Text>;
  }
  const words = [
    total > 0
      ? t('runDialog.doneOf', {
          count: total,
          done: done.toLocaleString(),
          total: total.toLocaleString(),
        })
      : t('runDialog.working'),
    bytes > 0 && t('runDialog.size', { size: sizeText(bytes) }),
  ]
    .filter(Boolean)
    .join(', ');
  return (
    <div className={styles.progress}>
      {isRunning && (
        <div
          role="progressbar"
          aria-label={t('runDialog.progress')}
          aria-valuetext={words}
          aria-valuemin={0}
          aria-valuemax={total || undefined}
          aria-valuenow={total ? done : undefined}
          className={styles.progressTrack}
        >
          <div
            className={total ? styles.progressBar : styles.progressWorking}
            style={total ? { inlineSize: `${(100 * done) / total}%` } : {}}
          />
        </div>
      )}
      <Text variant="body-small" color={isRunning ? 'primary' : 'secondary'}>
        {words}
      </Text>
    </div>
  );
}
