import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { CopyableText } from '../cards/CopyableText';
import { imglifeTranslationRef } from '../translation';
import type { ImageRow } from './imageRows';
import { Section } from './Section';

/** The ways to name an image, each to be copied. */
export function References(props: { image: ImageRow }) {
  const { tier, row } = props.image;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const pinned = row.digest && `${row.reference}@${row.digest}`;
  return (
    <Section title={t('image.references')}>
      <CopyableText label={t('image.byTag')} text={row.reference} />
      {pinned && <CopyableText label={t('image.byDigest')} text={pinned} />}
      {tier !== 'applications' && (
        <CopyableText
          label={t('image.fromLine')}
          text={`FROM ${pinned || row.reference}`}
        />
      )}
    </Section>
  );
}
