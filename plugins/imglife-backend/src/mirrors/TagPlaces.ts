import { formatRepository, ImageLocation } from '@imglife/oci';
import type { MirrorDefinition } from '../definitions/Definitions';
import type { Registries } from '../registries/Registries';
import type { MirrorTagKey } from './MirrorStore';

/** One selected upstream tag and the tag it has at the target. */
export interface MirroredTag {
  upstreamTag: string;
  tag: string;
  /** why it is selected */
  reason: string;
}

/** Where the tags of one mirror come from and go to. */
export class TagPlaces {
  readonly #mirror: MirrorDefinition;
  readonly #registries: Registries;

  static create(mirror: MirrorDefinition, registries: Registries): TagPlaces {
    return new TagPlaces(mirror, registries);
  }

  private constructor(mirror: MirrorDefinition, registries: Registries) {
    this.#mirror = mirror;
    this.#registries = registries;
  }

  /** @param reference - a tag or digest of upstream */
  source(reference: string): ImageLocation {
    const { registry, repository } = this.#mirror.source;
    const client = this.#registries.clientFor(registry);
    return { client, repository, reference };
  }

  /** @param reference - a tag or digest at the target */
  target(reference: string): ImageLocation {
    const { registry, repository } = this.#mirror.target;
    const client = this.#registries.clientFor(registry);
    return { client, repository, reference };
  }

  /** `host/path:tag` at the target. */
  reference(tag: string): string {
    return `${formatRepository(this.#mirror.target)}:${tag}`;
  }

  key({
    tag,
    upstreamTag,
  }: Pick<MirroredTag, 'tag' | 'upstreamTag'>): MirrorTagKey {
    const { name, source, target } = this.#mirror;
    return {
      mirror: name,
      repository: formatRepository(target),
      tag,
      upstreamRepository: formatRepository(source),
      upstreamTag,
    };
  }
}
