import {
  pushReferrer,
  type PlatformImage,
  type RegistryClient,
  type ResolvedImage,
} from '@imglife/oci';
import { isContextUrl } from '../../definitions/fields';
import type { BaseTagPlan, PreparedBase } from '../BaseTagPlan';
import { CYCLONEDX_TYPE, cycloneDx } from './cycloneDx';
import type { ImageInventory } from './ImageInventory';
import { IN_TOTO_TYPE, provenance, SLSA_PREDICATE } from './provenance';
import { readImageContents } from './readImageContents';
import { SPDX_TYPE, spdx } from './spdx';

/** A base that was built and verified, and whose tag is not set yet. */
export interface VerifiedBase {
  plan: BaseTagPlan;
  prepared: PreparedBase;
  /** id of the builder */
  builder: string;
  image: ResolvedImage;
  /** what it is built on */
  mirror: ResolvedImage;
}

/** Where a base lies. */
export interface BaseTarget {
  client: RegistryClient;
  /** path without host */
  repository: string;
}

const SBOMS = {
  cyclonedx: { artifactType: CYCLONEDX_TYPE, write: cycloneDx },
  spdx: { artifactType: SPDX_TYPE, write: spdx },
};

function json(document: object): Buffer {
  return Buffer.from(JSON.stringify(document));
}

function contentWords({ packages, files, unread }: ImageInventory): string {
  return [
    `${packages.length} packages`,
    `${files?.length ?? 'too many'} added files`,
    ...unread.map(each => `not read: ${each}`),
  ].join(', ');
}

function named({ plan }: VerifiedBase) {
  const { repository, tag, mirrorTag } = plan;
  const { digest } = mirrorTag;
  const below = mirrorTag.sourceTag ?? mirrorTag.tag;
  const base = { repository: mirrorTag.repository, tag: below, digest };
  return { repository, tag, base };
}

/**
 * Says of a base what is known of it, by artifacts that refer to it: an SBOM
 * to each platform's manifest, provenance to the image as a whole. They are
 * made from what lies in the registry, whatever builder made the image.
 */
export class BaseAttestations {
  static create(): BaseAttestations {
    return new BaseAttestations();
  }

  private constructor() {}

  /**
   * Publishes what the base's definition asks for. What is there already, with
   * the same content, is left.
   *
   * @throws RegistryError, or the signal's reason
   */
  async attach(
    target: BaseTarget,
    base: VerifiedBase,
    context: { log(line: string): void; signal: AbortSignal },
  ): Promise<void> {
    const { plan, image } = base;
    const { sbom, provenance: wanted } = plan.definition;
    const { signal, log } = context;
    const annotations = {
      'org.opencontainers.image.created': base.prepared.created.toISOString(),
    };
    if (sbom) {
      const { artifactType, write } = SBOMS[sbom];
      for (const platform of image.images) {
        const inventory = await this.#inventory(target, base, platform, signal);
        const content = json(write(inventory));
        const subject = platform.descriptor;
        const referrer = { artifactType, content, annotations };
        const { pushed } = await pushReferrer(
          { ...target, subject },
          referrer,
          { signal },
        );
        log(
          `${plan.tag}: ${sbom} SBOM of ${platform.platform} ${
            pushed ? 'attached' : 'is there'
          }: ${contentWords(inventory)}`,
        );
      }
    }
    if (wanted) {
      const referrer = {
        artifactType: IN_TOTO_TYPE,
        content: json(this.#provenance(base)),
        annotations: {
          ...annotations,
          'in-toto.io/predicate-type': SLSA_PREDICATE,
        },
      };
      const subject = image.descriptor;
      const { pushed } = await pushReferrer({ ...target, subject }, referrer, {
        signal,
      });
      log(`${plan.tag}: provenance ${pushed ? 'attached' : 'is there'}`);
    }
  }

  async #inventory(
    target: BaseTarget,
    base: VerifiedBase,
    image: PlatformImage,
    signal: AbortSignal,
  ): Promise<ImageInventory> {
    const { plan, prepared, mirror } = base;
    const below = mirror.images.find(
      ({ platform }) => platform === image.platform,
    );
    const { layers } = image.manifest;
    return {
      ...named(base),
      name: plan.definition.name,
      platform: image.platform,
      digest: image.digest,
      created: prepared.created.toISOString(),
      ...(await readImageContents(target, layers, {
        below: below?.manifest.layers.length ?? 0,
        signal,
      })),
    };
  }

  #provenance(base: VerifiedBase): object {
    const { plan, prepared, image, builder } = base;
    const { base: below, ...name } = named(base);
    const { definition, mirrorTag } = plan;
    const { context } = definition;
    const { digest } = image.descriptor;
    const isInGit = context !== undefined && isContextUrl(context);
    return provenance({
      image: { ...name, digest },
      digests: [...new Set([digest, ...image.images.map(each => each.digest)])],
      base: below,
      builder,
      name: definition.name,
      coreVersion: definition.coreVersion,
      dockerfile: prepared.dockerfile,
      args: prepared.sources.args,
      platforms: mirrorTag.platforms,
      inputHash: prepared.inputHash,
      inputs: prepared.inputs,
      context: isInGit
        ? { url: context, revision: prepared.revision }
        : undefined,
    });
  }
}
