import { ConflictError, toError } from '@backstage/errors';
import type {
  ImageBuilder,
  SmokeRequest,
} from '@imglife/backstage-plugin-imglife-node';
import type { ResolvedImage } from '@imglife/oci';
import type { BaseTagPlan } from './BaseTagPlan';

/**
 * Lets a base's builder run the smoke command in the very image that is to be
 * published. Nothing happens where the base has none.
 *
 * @throws ConflictError - it failed; the message says that the base was not
 *   published
 */
export async function smokeBase(
  { plan, builder }: { plan: BaseTagPlan; builder: ImageBuilder },
  image: ResolvedImage,
  context: Pick<SmokeRequest, 'registry'> & {
    log(line: string): void;
    signal: AbortSignal;
  },
): Promise<void> {
  const { definition, repository, tag } = plan;
  const { smoke } = definition;
  if (!smoke || !builder.smoke) {
    return;
  }
  const { registry, log, signal } = context;
  const { command, timeoutMs } = smoke;
  log(`${tag}: smoke command ${JSON.stringify(command)}`);
  const images = image.images.map(({ platform, digest }) => ({
    platform,
    digest,
  }));
  try {
    await builder.smoke(
      { command, timeoutMs, repository, images, registry },
      { log, signal },
    );
  } catch (error) {
    signal.throwIfAborted();
    const { name, message } = toError(error);
    const said =
      name === 'TimeoutError'
        ? `it did not end within ${timeoutMs / 1000} seconds`
        : message;
    throw new ConflictError(
      `${repository}:${tag} was not published: its smoke command ${JSON.stringify(
        command,
      )} failed: ${said}`,
    );
  }
  log(`${tag}: the smoke command passed`);
}
