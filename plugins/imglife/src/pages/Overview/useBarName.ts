import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { AdoptionBar } from '../../rules/adoptionBars';
import { imglifeTranslationRef } from '../../translation';

/** What a bar is called: a base with its cycle, or what stands for others. */
export function useBarName(): (
  bar: Pick<AdoptionBar, 'kind' | 'base' | 'cycle'>,
) => string {
  const { t } = useTranslationRef(imglifeTranslationRef);
  return ({ kind, base, cycle }) =>
    kind === 'base'
      ? [base, cycle].filter(Boolean).join(' ')
      : t(`adoption.${kind}`);
}
