import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { CellText } from '@backstage/ui';
import { useNow } from '../../hooks/useNow';
import { eolDistance } from '../../rules/eolDistance';
import { imglifeTranslationRef } from '../../translation';
import styles from './cells.module.css';

/** An end-of-life date in words: "in 12 days", "ended 3 days ago". */
export function useEolWords(): (eolDate: string) => string {
  const { t } = useTranslationRef(imglifeTranslationRef);
  const now = useNow();
  return eolDate => {
    const { ended, days } = eolDistance(eolDate, now);
    if (days === 0) {
      return t('table.today');
    }
    return t(ended ? 'table.endedDays' : 'table.inDays', { count: days });
  };
}

/** The end-of-life date of a row and how far it is. */
export function EolCell(props: { eolDate: string | null; ended: boolean }) {
  const { eolDate, ended } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const words = useEolWords();
  if (eolDate) {
    return (
      <CellText
        className={styles.nowrap}
        title={eolDate}
        description={words(eolDate)}
      />
    );
  }
  return (
    <CellText
      title={ended ? t('status.ended') : '–'}
      description={ended ? undefined : t('table.eolUnknown')}
    />
  );
}
