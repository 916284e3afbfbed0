import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert, Button } from '@backstage/ui';
import { imglifeTranslationRef } from '../translation';

/** What failed and why, and where it can be tried again a button for it. */
export function Failure(props: {
  title: string;
  error: Error;
  onRetry?: () => void;
}) {
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    <Alert
      status="danger"
      icon
      role="alert"
      title={props.title}
      description={props.error.message}
      customActions={
        props.onRetry && (
          <Button size="small" variant="secondary" onPress={props.onRetry}>
            {t('table.retry')}
          </Button>
        )
      }
    />
  );
}
