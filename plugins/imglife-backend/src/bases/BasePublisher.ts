import { ConflictError, InputError } from '@backstage/errors';
import type { BuildReason } from '@imglife/backstage-plugin-imglife-common';
import type {
  BuildRequest,
  ImageBuilder,
  ImageSigner,
  RegistryAccess,
} from '@imglife/backstage-plugin-imglife-node';
import {
  RegistryError,
  resolveImage,
  type RegistryClient,
  type ResolvedImage,
} from '@imglife/oci';
import type { Definitions } from '../definitions/Definitions';
import type { Registries } from '../registries/Registries';
import type { RunContext } from '../runs/RunContext';
import { frozenEolLabels, type EolLabels } from './baseLabels';
import { withMarker } from './baseMarker';
import { BaseSeal } from './BaseSeal';
import type { BaseTagPlan, PreparedBase } from './BaseTagPlan';
import { imageFault, pullFault, resolveMirror } from './imageFault';
import { judgedEol, labelsOfPlan } from './labelsOfPlan';
import { smokeBase } from './smokeBase';

/** A base that is to be built now. */
export interface PublishRequest {
  plan: BaseTagPlan;
  prepared: PreparedBase;
  reasons: BuildReason[];
  builder: ImageBuilder;
  context: RunContext;
}

/** What {@link BasePublisher} works with. */
export interface BasePublisherOptions {
  registries: Pick<Registries, 'clientFor'>;
  /** read at use: definitions may change */
  definitions: Pick<Definitions, 'registries' | 'policy'> & {
    bases: Pick<Definitions['bases'], 'secrets'>;
  };
  /** by id; none when missing */
  signers?: ReadonlyMap<string, ImageSigner>;
  now: () => Date;
}

/**
 * The registry does not let the tag be set: it is immutable there. The message
 * says to raise coreVersion.
 */
export class TagRefusedError extends ConflictError {}

// what registries answer to a PUT of an immutable tag
const REFUSED = new Set([400, 403, 405, 409, 412, 422]);

interface Target {
  client: RegistryClient;
  /** path without host */
  repository: string;
}

function labelsOf(image: ResolvedImage): Record<string, string> {
  return image.images[0]?.config.config?.Labels ?? {};
}

/** Builds a base, verifies what was built, and only then sets its tag. */
export class BasePublisher {
  readonly #options: BasePublisherOptions;
  readonly #seal: BaseSeal;

  static create(options: BasePublisherOptions): BasePublisher {
    return new BasePublisher(options);
  }

  private constructor(options: BasePublisherOptions) {
    this.#options = options;
    this.#seal = BaseSeal.create(options.signers ?? new Map());
  }

  /**
   * @throws ConflictError - the tag is published with another digest, and its
   *   mirror did not move; its smoke command failed; or it could not be
   *   attested or signed. The tag is as it was
   * @throws InputError - the builder made something else than was asked for
   */
  async publish(request: PublishRequest): Promise<ResolvedImage> {
    const { plan, prepared, context } = request;
    const { registry, repository } = plan.definition.target;
    const client = this.#options.registries.clientFor(registry);
    const target = { client, repository };
    const { signal } = context;
    const existing = await this.#existing(target, plan.tag, signal);
    const frozen =
      existing && frozenEolLabels(labelsOf(existing), prepared.inputHash);
    if (existing && frozen && !context.force) {
      // built by a run that ended before it could be recorded
      context.log(`${plan.tag}: is published already, from the same inputs`);
      return existing;
    }
    const wanted = this.#buildRequest(request, frozen ?? this.#judgedEol(plan));
    const { digest } = await request.builder.build(wanted, {
      log: line => context.log(line),
      signal,
    });
    const image = await resolveImage(
      { ...target, reference: digest },
      { signal },
    );
    const mirror = await this.#verify(request, target, image, wanted.labels);
    this.#checkMove(request, existing, digest);
    await smokeBase(request, image, {
      registry: wanted.registry,
      log: line => context.log(line),
      signal,
    });
    await this.#seal.seal(
      target,
      { plan, prepared, builder: request.builder.id, image, mirror },
      wanted.registry,
      context,
    );
    if (existing?.descriptor.digest !== digest) {
      const { mediaType } = image.descriptor;
      signal.throwIfAborted();
      await this.#setTag(request, target, {
        bytes: image.bytes,
        mediaType,
        isMove: existing !== undefined,
      });
    }
    return image;
  }

  async #setTag(
    { plan }: PublishRequest,
    { client, repository }: Target,
    put: { bytes: Uint8Array; mediaType: string; isMove: boolean },
  ): Promise<void> {
    const { bytes, mediaType, isMove } = put;
    try {
      await client.putManifest(repository, plan.tag, bytes, mediaType);
    } catch (error) {
      // the same bytes were taken under their digest just now
      const isRefused =
        error instanceof RegistryError && REFUSED.has(error.status ?? 0);
      if (isMove && isRefused) {
        const { name, coreVersion } = plan.definition;
        throw new TagRefusedError(
          `raise coreVersion of base ${name} (now ${coreVersion}): the registry refuses to set ${plan.repository}:${plan.tag}`,
          error,
        );
      }
      throw error;
    }
  }

  async #existing(
    { client, repository }: Target,
    tag: string,
    signal: AbortSignal,
  ): Promise<ResolvedImage | undefined> {
    const options = { signal };
    const found = await client.headManifest(repository, tag, options);
    return (
      found &&
      resolveImage({ client, repository, reference: found.digest }, options)
    );
  }

  #judgedEol(plan: BaseTagPlan): EolLabels {
    const { definitions, now } = this.#options;
    return judgedEol(plan, {
      warnDays: definitions.policy.warnDays,
      now: now(),
    });
  }

  #buildRequest(request: PublishRequest, eol: EolLabels): BuildRequest {
    const { plan, prepared } = request;
    const { definition, mirrorTag, repository, tag } = plan;
    const { name } = definition;
    const { inputHash, created } = prepared;
    const labels = labelsOfPlan(plan, prepared, eol);
    return {
      ...withMarker(prepared, { name, tag, inputHash }),
      args: prepared.sources.args,
      secrets: this.#options.definitions.bases.secrets,
      platforms: mirrorTag.platforms,
      labels,
      annotations: labels,
      created,
      compression: prepared.sources.compression,
      from: prepared.from,
      target: { repository, tag },
      registry: host => this.#registryAccess(host),
    };
  }

  #registryAccess(host: string): RegistryAccess | undefined {
    const found = this.#options.definitions.registries.find(
      registry => registry.host === host || registry.aliases.includes(host),
    );
    if (!found) {
      return undefined;
    }
    const { auth, insecure, tls } = found;
    if (auth && !('username' in auth || 'token' in auth)) {
      throw new InputError(
        `The registry ${host} signs in by ${Object.keys(
          auth,
        )}; a builder that is a program needs username and password under imglife.registries`,
      );
    }
    return { insecure, caFile: tls?.caFile, auth };
  }

  async #verify(
    request: PublishRequest,
    target: Target,
    image: ResolvedImage,
    labels: Readonly<Record<string, string>>,
  ): Promise<ResolvedImage> {
    const { plan, prepared, builder, context } = request;
    const mirror = await resolveMirror(
      plan.mirrorTag,
      this.#options.registries,
      context.signal,
    );
    const { digest } = image.descriptor;
    const fault =
      imageFault(image, {
        mirror,
        from: prepared.from,
        platforms: plan.mirrorTag.platforms,
        labels,
        annotations: labels,
      }) ?? (await pullFault({ ...target, reference: digest }, context.signal));
    if (fault) {
      throw new InputError(
        `The builder ${builder.id} made an image that ${fault}; its tag was not set`,
      );
    }
    return mirror;
  }

  #checkMove(
    { plan, reasons }: PublishRequest,
    existing: ResolvedImage | undefined,
    digest: string,
  ): void {
    const { tag, repository, known, definition } = plan;
    const recorded = known.find(each => each.tag === tag)?.published?.digest;
    const before = existing?.descriptor.digest ?? recorded;
    const mirrorMoved = reasons.includes('mirror-moved') && before === recorded;
    if (before !== undefined && before !== digest && !mirrorMoved) {
      throw new ConflictError(
        `${repository}:${tag} is published as ${before} and would become ${digest}, though its mirror did not move; raise coreVersion of base ${definition.name} (now ${definition.coreVersion})`,
      );
    }
  }
}
