import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { imglifeTranslationRef } from '../translation';
import styles from './image.module.css';

/** Leads to the pages of a list; nothing where there is one page only. */
export function PageButtons(props: {
  /** what is paged, for those who do not see it */
  label: string;
  isFirst: boolean;
  nextCursor: string | undefined;
  onPrevious: () => void;
  onNext: (cursor: string) => void;
}) {
  const { isFirst, nextCursor } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  if (isFirst && nextCursor === undefined) {
    return null;
  }
  return (
    <div role="group" aria-label={props.label} className={styles.pages}>
      <Button
        size="small"
        variant="secondary"
        isDisabled={isFirst}
        onPress={props.onPrevious}
      >
        {t('image.previousPage')}
      </Button>
      <Button
        size="small"
        variant="secondary"
        isDisabled={nextCursor === undefined}
        onPress={() => nextCursor !== undefined && props.onNext(nextCursor)}
      >
        {t('image.nextPage')}
      </Button>
    </div>
  );
}
