import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { EolFact } from '@imglife/backstage-plugin-imglife-common';
import { useEolWords } from '../pages/cells/EolCell';
import { imglifeTranslationRef } from '../translation';
import { Fact } from './Facts';

/** Every end of life that an image was judged by, and how old that is. */
export function EolFacts(props: {
  row: { eol: EolFact[]; eolDate: string | null };
}) {
  const { eol, eolDate } = props.row;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const words = useEolWords();
  const date = (day: string | null) =>
    day ? `${day} (${words(day)})` : t('table.eolUnknown');
  return (
    <Fact term={t('column.eol')}>
      {eol.length === 0 && date(eolDate)}
      {eol.map(({ product, cycle, eolDate: day, dataAgeDays }) => (
        <div key={`${product} ${cycle}`}>
          {product} {cycle}: {date(day)}
          {dataAgeDays !== null &&
            ` · ${t('image.dataAge', { count: dataAgeDays })}`}
        </div>
      ))}
    </Fact>
  );
}
