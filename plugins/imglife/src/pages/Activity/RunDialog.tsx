import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import {
  Alert,
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Flex,
} from '@backstage/ui';
import {
  imglifeRunCancelPermission,
  type Run,
} from '@imglife/backstage-plugin-imglife-common';
import { RiStopCircleLine } from '@remixicon/react';
import { type OpenRun, useOpenRun } from '../../hooks/useOpenRun';
import { isOpen } from '../../rules/isOpen';
import { imglifeTranslationRef } from '../../translation';
import { Loading } from '../Loading';
import { RunFacts } from './RunFacts';
import { RunItems } from './RunItems';
import { RunLogView } from './RunLogView';
import { RunProgress } from './RunProgress';

/** One run: what it does, image by image, its log, and a way to stop it. */
export function RunDialog(props: { id: string; onClose: () => void }) {
  const { id, onClose } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const open = useOpenRun(id);
  const { run, error } = open;
  return (
    <Dialog isOpen onOpenChange={onClose} width={900}>
      <DialogHeader>
        {run
          ? t('runDialog.title', {
              kind: t(`activity.kind.${run.kind}`),
              target: run.target ?? t('activity.everything'),
            })
          : t('runDialog.loading')}
      </DialogHeader>
      <DialogBody>
        <Flex direction="column" gap="4">
          {error && (
            <Alert
              status="danger"
              icon
              role="alert"
              title={t(run ? 'runDialog.failedStale' : 'runDialog.failed')}
              description={error.message}
              customActions={
                <Button size="small" variant="secondary" onPress={open.retry}>
                  {t('table.retry')}
                </Button>
              }
            />
          )}
          {open.cancelError && (
            <Alert
              status="danger"
              icon
              role="alert"
              title={t('runDialog.cancelFailed')}
              description={open.cancelError.message}
            />
          )}
          {!run && !error && <Loading height={240} />}
          {run && <RunBody run={run} />}
        </Flex>
      </DialogBody>
      {run && <CancelFooter run={run} open={open} />}
    </Dialog>
  );
}

function RunBody(props: { run: Run }) {
  const { run } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    <>
      <RunFacts run={run} />
      {run.state === 'running' && <RunProgress run={run} />}
      {run.error && (
        <Alert
          status="danger"
          icon
          title={t('runDialog.error')}
          description={run.error}
        />
      )}
      <RunItems run={run} />
      <RunLogView id={run.id} isOpen={isOpen(run)} />
    </>
  );
}

/** Stops the run, for those who may, while there is something to stop. */
function CancelFooter(props: { run: Run; open: OpenRun }) {
  const { run, open } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const { allowed } = usePermission({ permission: imglifeRunCancelPermission });
  if (!allowed || !isOpen(run)) {
    return null;
  }
  return (
    <DialogFooter>
      <Button
        variant="secondary"
        iconStart={<RiStopCircleLine aria-hidden />}
        isPending={open.isCancelling}
        onPress={() => void open.cancel()}
      >
        {t(open.isCancelling ? 'runDialog.cancelling' : 'runDialog.cancel')}
      </Button>
    </DialogFooter>
  );
}
