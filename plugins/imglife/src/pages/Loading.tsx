import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Skeleton, VisuallyHidden } from '@backstage/ui';
import { imglifeTranslationRef } from '../translation';

/** What stands where something is being read. `height` in pixels. */
export function Loading(props: { height: number }) {
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    <div role="status">
      <VisuallyHidden>{t('loading')}</VisuallyHidden>
      <Skeleton height={props.height} width="100%" />
    </div>
  );
}
