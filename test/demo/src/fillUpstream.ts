import { pushImage, RegistryHttp } from '@imglife/test-registry';
import { forEachAtOnce } from './forEachAtOnce';
import { UpstreamImage } from './UpstreamImage';
import { upstreamImages } from './upstreamImages';

const AT_ONCE = 8;

/** How many tags `fillUpstream` pushed, and how many were there. */
export interface FilledUpstream {
  pushed: number;
  present: number;
}

/**
 * Pushes the demo's upstream images. A tag that is there is left as it is,
 * also when it was moved meanwhile.
 *
 * @param host - host of a registry on plain HTTP
 */
export async function fillUpstream(
  host: string,
  images: UpstreamImage[] = upstreamImages,
): Promise<FilledUpstream> {
  const http = RegistryHttp.create(host);
  const filled = { pushed: 0, present: 0 };
  await forEachAtOnce(AT_ONCE, images, async ({ tags, ...image }) => {
    for (const tag of tags) {
      if (await http.headManifest(image.repository, tag)) {
        filled.present += 1;
      } else {
        await pushImage(host, { ...image, tag });
        filled.pushed += 1;
      }
    }
  });
  return filled;
}
