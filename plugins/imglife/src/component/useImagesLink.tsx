import { stringifyEntityRef } from '@backstage/catalog-model';
import { useRouteRef, useTranslationRef } from '@backstage/frontend-plugin-api';
import { useEntity } from '@backstage/plugin-catalog-react';
import { RiStackLine } from '@remixicon/react';
import { useEntityImages } from '../hooks/useEntityImages';
import { entityImagesRouteRef } from '../routes';
import { imglifeTranslationRef } from '../translation';

/** The link of the About card to the tab, with what there is to look at. */
export function useImagesLink() {
  const { entity } = useEntity();
  const { t } = useTranslationRef(imglifeTranslationRef);
  const { images } = useEntityImages(stringifyEntityRef(entity));
  const tab = useRouteRef(entityImagesRouteRef);
  const { name, namespace = 'default' } = entity.metadata;
  const count =
    images?.images.filter(({ status }) => status !== 'ok').length ?? 0;
  return {
    label: count
      ? t('component.linkCount', { shown: String(count) })
      : t('component.link'),
    title: count ? t('component.attention', { count }) : undefined,
    icon: <RiStackLine />,
    href: tab?.({
      kind: entity.kind.toLocaleLowerCase('en-US'),
      namespace,
      name,
    }),
    disabled: !tab,
  };
}
