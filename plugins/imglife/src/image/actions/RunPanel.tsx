import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert, Switch, Text } from '@backstage/ui';
import type { Run } from '@imglife/backstage-plugin-imglife-common';
import { useEffect, useState } from 'react';
import { type FollowedRun, useFollowedRun } from '../../hooks/useFollowedRun';
import { imglifeTranslationRef } from '../../translation';
import { Failure } from '../Failure';
import { ActionFrame } from './ActionFrame';
import { RunItems } from './RunItems';
import { RunOutcome } from './RunOutcome';

/**
 * Starts the run of one mirror or base, after a dry run has shown what it would
 * do and why.
 *
 * @param props - `target` is the name of the definition
 */
export function RunPanel(props: {
  kind: 'sync' | 'build';
  target: string;
  onDone: () => void;
}) {
  const { kind, target, onDone } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const [force, setForce] = useState(false);
  const plan = useFollowedRun();
  const deed = useFollowedRun();
  const startPlan = plan.start;
  useEffect(() => {
    void startPlan(api =>
      api.startRun({ kind, target, dryRun: true, ...(force && { force }) }),
    );
  }, [startPlan, kind, target, force]);

  const isConfirmed = Boolean(deed.run || deed.isOpen || deed.error);
  return (
    <ActionFrame
      title={t(`action.title-${kind}`, { target })}
      onDone={onDone}
      confirm={
        deed.run
          ? undefined
          : {
              label: t(`run.${kind}`),
              isPending: deed.isOpen,
              isDisabled: !plan.run || plan.isOpen || !hasWork(plan.run),
              onPress: () =>
                void deed.start(api =>
                  api.startRun({ kind, target, ...(force && { force }) }),
                ),
            }
      }
    >
      {!isConfirmed && kind === 'build' && (
        <Switch
          label={t('action.force')}
          isSelected={force}
          onChange={setForce}
        />
      )}
      {isConfirmed ? <RunOutcome followed={deed} /> : <Plan plan={plan} />}
    </ActionFrame>
  );
}

function Plan(props: { plan: FollowedRun }) {
  const { run, isOpen, error } = props.plan;
  const { t } = useTranslationRef(imglifeTranslationRef);
  if (error) {
    return <Failure title={t('action.planFailed')} error={error} />;
  }
  if (isOpen || !run) {
    return (
      <div role="status">
        <Alert status="info" isPending title={t('action.planning')} />
      </div>
    );
  }
  return (
    <>
      {run.error && (
        <Failure title={t('action.planFailed')} error={new Error(run.error)} />
      )}
      <Text variant="body-medium" role="status">
        {t(hasWork(run) ? 'action.planned' : 'action.nothingDue')}
      </Text>
      <RunItems run={run} />
    </>
  );
}

function hasWork(run: Run): boolean {
  return run.items.some(({ state }) => state === 'planned');
}
