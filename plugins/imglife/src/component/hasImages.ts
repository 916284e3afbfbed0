/** Read from components: which image repositories are theirs, comma-separated. */
export const IMAGES_ANNOTATION = 'imglife.io/images';

const saysSo = {
  [`metadata.annotations.${IMAGES_ANNOTATION}`]: { $exists: true },
};
const dependsOnOne = {
  relations: {
    $contains: {
      type: 'dependsOn',
      targetRef: { $hasPrefix: 'resource:imglife/' },
    },
  },
};

/** Entities that say which images are theirs, or depend on one. */
export const hasImages = { $any: [saysSo, dependsOnOne] };
