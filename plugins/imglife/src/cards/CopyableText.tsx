import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { ButtonIcon } from '@backstage/ui';
import { RiCheckLine, RiFileCopyLine } from '@remixicon/react';
import { useEffect, useState } from 'react';
import { imglifeTranslationRef } from '../translation';
import styles from './cards.module.css';

const CONFIRM_MS = 2000;

/** Text to be pasted elsewhere, with a button that copies it. */
export function CopyableText(props: { label: string; text: string }) {
  const { label, text } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) {
      return undefined;
    }
    const timer = setTimeout(() => setCopied(false), CONFIRM_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <div className={styles.copyable} role="group" aria-label={label}>
      <code className={styles.code}>{text}</code>
      <ButtonIcon
        size="small"
        variant="tertiary"
        aria-label={copied ? t('card.copied') : t('card.copy')}
        icon={copied ? <RiCheckLine /> : <RiFileCopyLine />}
        onPress={async () => {
          await navigator.clipboard.writeText(text);
          setCopied(true);
        }}
      />
    </div>
  );
}
