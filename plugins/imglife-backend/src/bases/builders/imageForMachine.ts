import { InputError } from '@backstage/errors';
import type { SmokeRequest } from '@imglife/backstage-plugin-imglife-node';

// Node's names of processors, where Go and OCI have others
const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = {
  x64: 'amd64',
  ia32: '386',
  ppc64: 'ppc64le',
};

/** The platform of images that run on this machine, without a variant. */
export function ownPlatform(
  architecture: NodeJS.Architecture = process.arch,
): string {
  return `linux/${ARCHITECTURES[architecture] ?? architecture}`;
}

/**
 * The image of a platform, else one of its variants.
 *
 * @param platform - of the machine: `os/architecture`
 * @throws InputError - there is none
 */
export function imageForMachine(
  images: SmokeRequest['images'],
  platform: string,
): SmokeRequest['images'][number] {
  const found =
    images.find(image => image.platform === platform) ??
    images.find(image => image.platform.startsWith(`${platform}/`));
  if (!found) {
    const there = images.map(image => image.platform).join(', ');
    throw new InputError(
      `the machine that would run it is ${platform}, and the image is of ${there} alone; give the base smoke: []`,
    );
  }
  return found;
}
