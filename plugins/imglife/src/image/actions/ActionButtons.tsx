import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button } from '@backstage/ui';
import {
  imglifeBaseWithdrawPermission,
  imglifeRunCreatePermission,
} from '@imglife/backstage-plugin-imglife-common';
import { imglifeTranslationRef } from '../../translation';
import type { ImageRow } from '../imageRows';
import { actionsOf, type ImageAction } from './imageActions';

/** What can be done with an image, for those who may; each asks again. */
export function ActionButtons(props: {
  image: ImageRow;
  onChoose: (action: ImageAction) => void;
}) {
  const { t } = useTranslationRef(imglifeTranslationRef);
  const run = usePermission({ permission: imglifeRunCreatePermission });
  const withdraw = usePermission({ permission: imglifeBaseWithdrawPermission });
  const actions = actionsOf(props.image, {
    mayRun: run.allowed,
    mayWithdraw: withdraw.allowed,
  });
  return (
    <>
      {actions.map(action => (
        <Button
          key={action}
          variant={action === 'accept' ? 'primary' : 'secondary'}
          onPress={() => props.onChoose(action)}
        >
          {t(`action.${action}`)}
        </Button>
      ))}
    </>
  );
}
