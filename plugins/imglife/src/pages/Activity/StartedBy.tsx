import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { EntityRefLink } from '@backstage/plugin-catalog-react';
import type { Run } from '@imglife/backstage-plugin-imglife-common';
import { imglifeTranslationRef } from '../../translation';

/** Who or what started a run: a person, a token, the schedule, an event. */
export function StartedBy(props: { run: Pick<Run, 'trigger' | 'actor'> }) {
  const { trigger, actor } = props.run;
  const { t } = useTranslationRef(imglifeTranslationRef);
  if (trigger === 'schedule') {
    return <>{t('activity.bySchedule')}</>;
  }
  if (trigger === 'event') {
    return <>{t('activity.byEvent')}</>;
  }
  return actor.startsWith('user:') ? (
    <EntityRefLink entityRef={actor} />
  ) : (
    <>{actor}</>
  );
}
