import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button } from '@backstage/ui';
import { imglifeRunCreatePermission } from '@imglife/backstage-plugin-imglife-common';
import { RiHammerLine, RiRefreshLine } from '@remixicon/react';
import { useRun } from '../hooks/useRun';
import { imglifeTranslationRef } from '../translation';
import styles from './RunButton.module.css';

const ICONS = {
  sync: <RiRefreshLine aria-hidden />,
  build: <RiHammerLine aria-hidden />,
};

/** Starts a run, for those who may. */
export function RunButton(props: { kind: 'sync' | 'build' }) {
  const { kind } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const { allowed } = usePermission({ permission: imglifeRunCreatePermission });
  const { isRunning, start } = useRun(kind);
  if (!allowed) {
    return null;
  }
  return (
    <Button
      size="small"
      variant="secondary"
      iconStart={ICONS[kind]}
      aria-label={t(`run.${kind}`)}
      isPending={isRunning}
      onPress={() => void start()}
    >
      <span className={styles.text}>{t(`run.${kind}`)}</span>
    </Button>
  );
}
