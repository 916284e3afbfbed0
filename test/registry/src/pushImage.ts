import { ImageSpec, makeImage, MadeBase, MadeImage } from './makeImage';
import { RegistryHttp } from './RegistryHttp';

/** What `pushImage` makes, and where it puts it. */
export interface PushImageOptions extends Omit<ImageSpec, 'from'> {
  repository: string;
  tag: string;
  /** An image of the same registry to build on. */
  from?: { repository: string; reference: string };
  /** Value of the Authorization header, such as `Basic …`. */
  authorization?: string;
}

/** Digests of a pushed image; `children` has one entry for each platform, also for a single image. */
export interface PushedImage {
  digest: string;
  children: { platform: string; digest: string; diffIds: string[] }[];
}

async function pushMade(
  http: RegistryHttp,
  made: MadeImage,
  { repository, tag, from }: PushImageOptions,
): Promise<void> {
  for (const { inherited } of made.children) {
    for (const { digest } of inherited) {
      await http.mountBlob(repository, digest, from?.repository ?? repository);
    }
  }
  for (const [digest, bytes] of made.blobs) {
    await http.pushBlob(repository, digest, bytes);
  }
  for (const child of made.children) {
    await http.putManifest(repository, child.digest, child);
  }
  await http.putManifest(repository, tag, made);
}

/**
 * Makes a small image and pushes it, the tag last.
 *
 * @param registry - host (`127.0.0.1:5000`) or URL of a registry on plain HTTP
 * @throws Error naming the request that the registry refused
 */
export async function pushImage(
  registry: string,
  options: PushImageOptions,
): Promise<PushedImage> {
  const http = RegistryHttp.create(registry, options.authorization);
  const { from } = options;
  const base: MadeBase[] | undefined =
    from && (await http.readBase(from.repository, from.reference));
  const made = makeImage({ ...options, from: base });
  await pushMade(http, made, options);
  return {
    digest: made.digest,
    children: made.children.map(({ platform, digest, diffIds }) => ({
      platform,
      digest,
      diffIds,
    })),
  };
}
