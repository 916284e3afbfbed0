import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Skeleton,
  Text,
} from '@backstage/ui';
import type { Tier } from '@imglife/backstage-plugin-imglife-common';
import { useState } from 'react';
import { useImageRow } from '../hooks/useImageRow';
import { StatusLabel } from '../pages/cells/StatusLabel';
import { useUrlState } from '../routing/useUrlState';
import { pathOf } from '../rules/imageName';
import { imglifeTranslationRef } from '../translation';
import { ActionButtons } from './actions/ActionButtons';
import { ActionPanel } from './actions/ActionPanel';
import type { ImageAction } from './actions/imageActions';
import { Failure } from './Failure';
import { HistorySection } from './HistorySection';
import { ImageDetails } from './ImageDetails';
import styles from './image.module.css';
import { factsOf, type ImageRow } from './imageRows';
import { LineageSection } from './LineageSection';
import { References } from './References';

/**
 * The image that `?image=` names, over the table of its tier: so it is shared
 * by its link and closed by the back button.
 */
export function ImageDialog(props: { tier: Tier }) {
  const [{ image: reference }, change] = useUrlState();
  if (reference === undefined) {
    return null;
  }
  return (
    <Dialog
      isOpen
      className={styles.dialog}
      width={880}
      onOpenChange={isOpen =>
        // closing leaves no page behind that would open it again
        !isOpen && change({ image: undefined }, { replace: true })
      }
    >
      <DialogContent
        key={reference}
        tier={props.tier}
        reference={reference}
        onClose={() => change({ image: undefined }, { replace: true })}
      />
    </Dialog>
  );
}

function DialogContent(props: {
  tier: Tier;
  reference: string;
  onClose: () => void;
}) {
  const { tier, reference, onClose } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const { image, error, retry } = useImageRow(tier, reference);
  const [action, setAction] = useState<ImageAction>();
  const header = (
    <DialogHeader>
      <span className={styles.title}>{pathOf(reference)}</span>
    </DialogHeader>
  );
  if (image && action) {
    return (
      <>
        {header}
        <ActionPanel
          action={action}
          image={image}
          onDone={() => setAction(undefined)}
        />
      </>
    );
  }
  return (
    <>
      {header}
      <DialogBody>
        <div className={styles.body}>
          {error && (
            <Failure title={t('image.failed')} error={error} onRetry={retry} />
          )}
          {image === undefined && !error && (
            <Skeleton height={240} aria-label={t('image.loading')} />
          )}
          {image === null && (
            <Text variant="body-medium">
              {t(`image.absent-${tier}`, { reference })}
            </Text>
          )}
          {image && <ImageSections image={image} />}
        </div>
      </DialogBody>
      <DialogFooter className={styles.footer}>
        {image && <ActionButtons image={image} onChoose={setAction} />}
        <Button variant="secondary" onPress={onClose}>
          {t('image.close')}
        </Button>
      </DialogFooter>
    </>
  );
}

function ImageSections(props: { image: ImageRow }) {
  const { image } = props;
  return (
    <>
      <StatusLabel facts={factsOf(image)} />
      <ImageDetails image={image} />
      <References image={image} />
      <LineageSection reference={image.row.reference} tier={image.tier} />
      <HistorySection repository={image.row.repository} tag={image.row.tag} />
    </>
  );
}
