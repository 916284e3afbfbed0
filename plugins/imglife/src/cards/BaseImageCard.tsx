import { stringifyEntityRef } from '@backstage/catalog-model';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { EntityInfoCard, useEntity } from '@backstage/plugin-catalog-react';
import { Alert, Button, Flex, Skeleton } from '@backstage/ui';
import { useEntityImages } from '../hooks/useEntityImages';
import { StatusLabel } from '../pages/cells/StatusLabel';
import { applicationFacts } from '../rules/applicationFacts';
import { imglifeTranslationRef } from '../translation';
import { ImageList } from './ImageList';
import { RegisterHint } from './RegisterHint';

/** What the images of the entity on the page stand on, worst first. */
export function BaseImageCard() {
  const { entity } = useEntity();
  const { t } = useTranslationRef(imglifeTranslationRef);
  const entityRef = stringifyEntityRef(entity);
  const { images, error, retry } = useEntityImages(entityRef);
  const worst = images?.images[0];
  return (
    <EntityInfoCard
      title={t('card.title')}
      headerActions={worst && <StatusLabel facts={applicationFacts(worst)} />}
    >
      <Flex direction="column" gap="3">
        {error && (
          <Alert
            status="danger"
            icon
            role="alert"
            title={t('card.failed')}
            description={error.message}
            customActions={
              <Button size="small" variant="secondary" onPress={retry}>
                {t('table.retry')}
              </Button>
            }
          />
        )}
        {!images && !error && <Skeleton height={96} />}
        {images &&
          (worst ? (
            <ImageList images={images} />
          ) : (
            <RegisterHint entityRef={entityRef} />
          ))}
      </Flex>
    </EntityInfoCard>
  );
}
