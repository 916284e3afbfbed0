import { EntityCardBlueprint } from '@backstage/plugin-catalog-react/alpha';
import { hasImages } from '../component/hasImages';

/** The base image of a component, on its overview. */
export const baseImageCard = EntityCardBlueprint.make({
  name: 'base-image',
  params: {
    type: 'content',
    filter: hasImages,
    loader: () => import('./BaseImageCard').then(m => <m.BaseImageCard />),
  },
});

/** Counts of a team's images, on the team's page. */
export const teamImagesCard = EntityCardBlueprint.make({
  name: 'team-images',
  params: {
    type: 'content',
    filter: { kind: 'group' },
    loader: () => import('./TeamImagesCard').then(m => <m.TeamImagesCard />),
  },
});
