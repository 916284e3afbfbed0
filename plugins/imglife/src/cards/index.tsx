import { EntityCardBlueprint } from '@backstage/plugin-catalog-react/alpha';

/** Read from components: which image repositories are theirs, comma-separated. */
export const IMAGES_ANNOTATION = 'imglife.io/images';

/** The base image of a component, on its overview. */
export const baseImageCard = EntityCardBlueprint.make({
  name: 'base-image',
  params: {
    type: 'content',
    filter: {
      $any: [
        { [`metadata.annotations.${IMAGES_ANNOTATION}`]: { $exists: true } },
        {
          relations: {
            $contains: {
              type: 'dependsOn',
              targetRef: { $hasPrefix: 'resource:imglife/' },
            },
          },
        },
      ],
    },
    loader: () => import('./BaseImageCard').then(m => <m.BaseImageCard />),
  },
});
