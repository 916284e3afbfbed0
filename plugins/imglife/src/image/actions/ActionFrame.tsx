import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, DialogBody, DialogFooter } from '@backstage/ui';
import { type ReactNode, useEffect, useRef } from 'react';
import { imglifeTranslationRef } from '../../translation';
import { Section } from '../Section';
import styles from '../image.module.css';

/** Something to be done with an image: it is confirmed, or left. */
export function ActionFrame(props: {
  title: string;
  /** undefined: it is done, or nothing can be done */
  confirm?: {
    label: string;
    isPending: boolean;
    isDisabled?: boolean;
    onPress: () => void;
  };
  onDone: () => void;
  children: ReactNode;
}) {
  const { title, confirm, onDone, children } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const back = useRef<HTMLButtonElement>(null);
  // what was chosen is gone with its button: the focus goes on here
  useEffect(() => back.current?.focus(), []);
  return (
    <>
      <DialogBody>
        <Section title={title}>{children}</Section>
      </DialogBody>
      <DialogFooter className={styles.footer}>
        <Button variant="secondary" ref={back} onPress={onDone}>
          {t('action.back')}
        </Button>
        {confirm && (
          <Button
            variant="primary"
            isPending={confirm.isPending}
            isDisabled={confirm.isDisabled}
            onPress={confirm.onPress}
          >
            {confirm.label}
          </Button>
        )}
      </DialogFooter>
    </>
  );
}
