import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Accordion,
  AccordionPanel,
  AccordionTrigger,
  Flex,
} from '@backstage/ui';
import type { EntityImages } from '@imglife/backstage-plugin-imglife-common';
import { StatusLabel } from '../pages/cells/StatusLabel';
import { applicationFacts } from '../rules/applicationFacts';
import { imglifeTranslationRef } from '../translation';
import { ImageFacts } from './ImageFacts';

/** The worst image in full, the others folded below it. */
export function ImageList(props: { images: EntityImages }) {
  const { bases } = props.images;
  const [worst, ...others] = props.images.images;
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    <>
      <ImageFacts image={worst} bases={bases} />
      {others.length > 0 && (
        <Accordion>
          <AccordionTrigger title={t('card.more', { count: others.length })} />
          <AccordionPanel>
            <Flex direction="column" gap="4">
              {others.map(image => (
                <div key={image.reference}>
                  <StatusLabel facts={applicationFacts(image)} />
                  <ImageFacts image={image} bases={bases} />
                </div>
              ))}
            </Flex>
          </AccordionPanel>
        </Accordion>
      )}
    </>
  );
}
