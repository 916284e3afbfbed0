import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import type { Summary } from '@imglife/backstage-plugin-imglife-common';
import { DateTime } from 'luxon';
import { useNow } from '../hooks/useNow';
import { imglifeTranslationRef } from '../translation';

/** How old the facts are that the tables rest on. */
export function DataAge(props: { summary: Summary | undefined }) {
  const { t } = useTranslationRef(imglifeTranslationRef);
  const now = useNow();
  if (!props.summary) {
    return null;
  }
  const { lifecycleAgeDays, lastSyncAt, lastBuildAt, lastScanAt } =
    props.summary.data;
  const when = (at: string) =>
    DateTime.fromISO(at).toRelative({ base: DateTime.fromJSDate(now) }) ?? at;
  const facts = [
    lifecycleText(lifecycleAgeDays, t),
    lastSyncAt && t('data.sync', { when: when(lastSyncAt) }),
    lastBuildAt && t('data.build', { when: when(lastBuildAt) }),
    lastScanAt && t('data.scan', { when: when(lastScanAt) }),
  ].filter(Boolean);
  return (
    <Text variant="body-small" color="secondary">
      {facts.join(' · ')}
    </Text>
  );
}

function lifecycleText(
  ageDays: number | null,
  t: ReturnType<typeof useTranslationRef<typeof imglifeTranslationRef.T>>['t'],
): string {
  if (ageDays === null) {
    return t('data.lifecycleNone');
  }
  return ageDays === 0
    ? t('data.lifecycleToday')
    : t('data.lifecycle', { count: ageDays });
}
