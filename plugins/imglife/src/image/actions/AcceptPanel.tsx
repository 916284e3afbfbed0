import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import type { MirrorRow } from '@imglife/backstage-plugin-imglife-common';
import { useState } from 'react';
import { useFollowedRun } from '../../hooks/useFollowedRun';
import { imglifeTranslationRef } from '../../translation';
import { Fact, Facts } from '../Facts';
import styles from '../image.module.css';
import { ActionFrame } from './ActionFrame';
import { RunOutcome } from './RunOutcome';

/** Lets a moved tag follow its upstream, once what moved has been seen. */
export function AcceptPanel(props: { row: MirrorRow; onDone: () => void }) {
  const { t } = useTranslationRef(imglifeTranslationRef);
  // what was shown is what is accepted, also when upstream moves once more
  const [row] = useState(props.row);
  const followed = useFollowedRun();
  const { reference, pendingDigest: digest } = row;
  return (
    <ActionFrame
      title={t('action.title-accept', { target: row.tag })}
      onDone={props.onDone}
      confirm={
        followed.run || digest === null
          ? undefined
          : {
              label: t('action.confirm-accept'),
              isPending: followed.isOpen,
              onPress: () =>
                void followed.start(api =>
                  api.acceptMovedTag({ reference, digest }),
                ),
            }
      }
    >
      <Text variant="body-medium">{t('action.acceptMeans')}</Text>
      <Facts>
        <Fact term={t('image.upstream')}>{row.upstream.reference}</Fact>
        <Fact term={t('action.here')}>
          <code className={styles.code}>
            {row.upstream.digest ?? row.digest}
          </code>
        </Fact>
        <Fact term={t('image.pendingDigest')}>
          <code className={styles.code}>{digest}</code>
        </Fact>
      </Facts>
      <RunOutcome followed={followed} />
    </ActionFrame>
  );
}
