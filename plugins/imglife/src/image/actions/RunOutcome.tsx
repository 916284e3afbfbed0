import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert } from '@backstage/ui';
import type { FollowedRun } from '../../hooks/useFollowedRun';
import { imglifeTranslationRef } from '../../translation';
import { Failure } from '../Failure';
import { RunLink } from '../RunLink';
import { RunItems } from './RunItems';

/** How far a run is, and at its end what came of it. */
export function RunOutcome(props: { followed: FollowedRun }) {
  const { run, isOpen, isStarted, error } = props.followed;
  const { t } = useTranslationRef(imglifeTranslationRef);
  if (error) {
    return (
      <Failure
        title={t(isStarted ? 'action.lost' : 'run.refused')}
        error={error}
      />
    );
  }
  if (isOpen) {
    return (
      <div role="status">
        <Alert
          status="info"
          isPending
          title={
            run?.state === 'running'
              ? t('action.running', {
                  done: run.progress.done.toLocaleString(),
                  total: run.progress.total.toLocaleString(),
                })
              : t('action.waiting')
          }
        />
      </div>
    );
  }
  if (!run) {
    return null;
  }
  const changed = run.items.filter(({ state }) => state === 'done').length;
  const isFine = run.state === 'succeeded';
  return (
    <>
      <Alert
        status={isFine ? 'success' : 'danger'}
        icon
        role={isFine ? 'status' : 'alert'}
        title={t(`action.ended-${run.state as 'succeeded'}`)}
        description={
          run.error ??
          (changed ? t('run.changed', { count: changed }) : t('run.nothing'))
        }
        customActions={<RunLink id={run.id} />}
      />
      <RunItems run={run} />
    </>
  );
}
