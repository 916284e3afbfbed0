import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert } from '@backstage/ui';
import type { Summary } from '@imglife/backstage-plugin-imglife-common';
import { imglifeTranslationRef } from '../translation';

/** Definition files that do not count as they are now, and why. */
export function DefinitionAlerts(props: { summary: Summary | undefined }) {
  const { t } = useTranslationRef(imglifeTranslationRef);
  const faulty = props.summary?.definitions.filter(file => file.error) ?? [];
  return faulty.map(({ url, error }) => (
    <Alert
      key={url}
      status="warning"
      icon
      title={t('data.definitions', { url })}
      description={error}
    />
  ));
}
