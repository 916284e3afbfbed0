import { stringifyEntityRef } from '@backstage/catalog-model';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { useEntity } from '@backstage/plugin-catalog-react';
import { Flex, Skeleton } from '@backstage/ui';
import type {
  EntityImages,
  Tier,
} from '@imglife/backstage-plugin-imglife-common';
import { tiers } from '@imglife/backstage-plugin-imglife-common';
import { RegisterHint } from '../cards/RegisterHint';
import { useEntityImages } from '../hooks/useEntityImages';
import { Failure } from '../image/Failure';
import { ImageDialog } from '../image/ImageDialog';
import { useApplicationColumns } from '../pages/ApplicationsPage';
import { useBaseColumns } from '../pages/BasesPage';
import { useMirrorColumns } from '../pages/MirrorsPage';
import { useUrlState } from '../routing/useUrlState';
import { imglifeTranslationRef } from '../translation';
import { BuildHistory } from './BuildHistory';
import { LineageTable } from './LineageTable';

/** The images of the entity on the page, what they stand on, and since when. */
export function ImagesTab() {
  const { entity } = useEntity();
  const { t } = useTranslationRef(imglifeTranslationRef);
  const entityRef = stringifyEntityRef(entity);
  const { images, error, retry } = useEntityImages(entityRef);
  return (
    <Flex direction="column" gap="6">
      {error && (
        <Failure title={t('card.failed')} error={error} onRetry={retry} />
      )}
      {!images && !error && <Skeleton height={320} />}
      {images && images.images.length === 0 && (
        <Flex direction="column" gap="3">
          <RegisterHint entityRef={entityRef} />
        </Flex>
      )}
      {images && images.images.length > 0 && <Tables images={images} />}
    </Flex>
  );
}

function Tables(props: { images: EntityImages }) {
  const { images, bases, mirrors } = props.images;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const [{ image: open }] = useUrlState();
  const rows = { mirrors, bases, applications: images };
  const tier: Tier | undefined = tiers.find(each =>
    rows[each].some(({ reference }) => reference === open),
  );
  const repositories = [...new Set(images.map(image => image.repository))];
  return (
    <>
      <LineageTable
        title={t('component.images')}
        rows={images}
        columns={useApplicationColumns()}
      />
      <LineageTable
        title={t('component.bases')}
        rows={bases}
        columns={useBaseColumns()}
      />
      <LineageTable
        title={t('component.mirrors')}
        rows={mirrors}
        columns={useMirrorColumns()}
      />
      {repositories.map(repository => (
        <BuildHistory
          key={repository}
          repository={repository}
          current={images.find(image => image.repository === repository)!}
        />
      ))}
      {tier && <ImageDialog tier={tier} />}
    </>
  );
}
