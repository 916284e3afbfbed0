import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import type { RunState } from '@imglife/backstage-plugin-imglife-common';
import {
  RiCheckboxCircleFill,
  RiCloseCircleFill,
  RiForbidFill,
  RiPlayCircleFill,
  RiTimeFill,
} from '@remixicon/react';
import { imglifeTranslationRef } from '../../translation';
import styles from '../cells/StatusLabel.module.css';

const LOOKS = {
  queued: { Icon: RiTimeFill, color: 'secondary' },
  running: { Icon: RiPlayCircleFill, color: 'info' },
  succeeded: { Icon: RiCheckboxCircleFill, color: 'success' },
  failed: { Icon: RiCloseCircleFill, color: 'danger' },
  cancelled: { Icon: RiForbidFill, color: 'secondary' },
} as const;

/** Where a run stands, in one word with its icon. */
export function RunStateLabel(props: { state: RunState }) {
  const { Icon, color } = LOOKS[props.state];
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    <span className={styles.label}>
      <Icon aria-hidden className={styles[color]} size={16} />
      <Text variant="body-medium">{t(`activity.state.${props.state}`)}</Text>
    </span>
  );
}
