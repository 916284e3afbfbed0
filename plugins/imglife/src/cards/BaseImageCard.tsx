import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { EntityInfoCard, useEntity } from '@backstage/plugin-catalog-react';
import { Alert, Button, Flex, Skeleton } from '@backstage/ui';
import type { EntityImages } from '@imglife/backstage-plugin-imglife-common';
import useSWR from 'swr';
import { imglifeApiRef } from '../api/imglifeApiRef';
import { cacheKey } from '../hooks/cacheKey';
import { StatusLabel } from '../pages/cells/StatusLabel';
import { applicationFacts } from '../rules/applicationFacts';
import { imglifeTranslationRef } from '../translation';
import { ImageList } from './ImageList';
import { RegisterHint } from './RegisterHint';

const REFRESH_MS = 60_000;

/** What the images of the entity on the page stand on, worst first. */
export function BaseImageCard() {
  const { entity } = useEntity();
  const api = useApi(imglifeApiRef);
  const { t } = useTranslationRef(imglifeTranslationRef);
  const entityRef = stringifyEntityRef(entity);
  const { data, error, mutate } = useSWR<EntityImages, Error>(
    [cacheKey(api), 'entity', entityRef],
    () => api.getEntityImages(parseEntityRef(entityRef)),
    { refreshInterval: REFRESH_MS },
  );
  const worst = data?.images[0];
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
              <Button
                size="small"
                variant="secondary"
                onPress={() => void mutate()}
              >
                {t('table.retry')}
              </Button>
            }
          />
        )}
        {!data && !error && <Skeleton height={96} />}
        {data &&
          (worst ? (
            <ImageList images={data} />
          ) : (
            <RegisterHint entityRef={entityRef} />
          ))}
      </Flex>
    </EntityInfoCard>
  );
}
