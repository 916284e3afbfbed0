import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import {
  type Status,
  type StatusFacts,
  statusReason,
} from '@imglife/backstage-plugin-imglife-common';
import {
  RiAlertFill,
  RiCheckboxCircleFill,
  RiCloseCircleFill,
  RiQuestionFill,
} from '@remixicon/react';
import { imglifeTranslationRef } from '../../translation';
import styles from './StatusLabel.module.css';

const LOOKS = {
  critical: { Icon: RiCloseCircleFill, color: 'danger' },
  warning: { Icon: RiAlertFill, color: 'warning' },
  unknown: { Icon: RiQuestionFill, color: 'secondary' },
  ok: { Icon: RiCheckboxCircleFill, color: 'success' },
} as const;

/** The icon of a status, in its color. */
export function StatusIcon(props: { status: Status }) {
  const { Icon, color } = LOOKS[props.status];
  return <Icon aria-hidden className={styles[color]} size={16} />;
}

/** A row's status in one word, with its icon: never by color alone. */
export function StatusLabel(props: { facts: StatusFacts }) {
  const { facts } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    <span className={styles.label}>
      <StatusIcon status={facts.status} />
      <Text variant="body-medium">{t(`status.${statusReason(facts)}`)}</Text>
    </span>
  );
}
