import { useRouteRef, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { rootRouteRef } from '../routes';
import { imglifeTranslationRef } from '../translation';

/** Leads to a run, its items and its log. */
export function RunLink(props: { id: string }) {
  const { t } = useTranslationRef(imglifeTranslationRef);
  const root = useRouteRef(rootRouteRef);
  if (!root) {
    return null;
  }
  const query = new URLSearchParams({ run: props.id });
  return (
    <Link href={`${root()}/activity?${query}`} variant="body-medium">
      {t('image.openRun')}
    </Link>
  );
}
