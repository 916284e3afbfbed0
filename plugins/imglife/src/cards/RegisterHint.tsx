import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import { imglifeTranslationRef } from '../translation';
import { CopyableText } from './CopyableText';

/** What to do when no image of the component is known. */
export function RegisterHint(props: { entityRef: string }) {
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    <>
      <Text variant="body-medium">{t('card.nothing')}</Text>
      <Text variant="body-medium">{t('card.howTo')}</Text>
      <CopyableText
        label={t('card.howTo')}
        text={`npx @imglife/cli register --image IMAGE --entity ${props.entityRef}`}
      />
    </>
  );
}
