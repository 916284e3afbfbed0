import type { Definitions, RepositoryName } from '../definitions/Definitions';
import type { ApplicationStore } from './ApplicationStore';
import {
  detectBase,
  type BaseDetection,
  type BaseDetectionInput,
} from './detectBase';
import { detectPlatformBases, type PlatformBase } from './detectPlatformBases';
import type { ImageFacts } from './imageFacts';
import { isSquashed } from './isSquashed';
import {
  namedBaseOf,
  type Canonical,
  type NamedBase,
  type ScratchBase,
} from './namedBase';
import { ownLabels, type OwnLabels } from './ownLabels';

/** What {@link BaseDetector} works with. */
export interface BaseDetectorOptions {
  tiers: Pick<Definitions['tiers'], 'mirrors' | 'bases'>;
  store: Pick<ApplicationStore, 'findKnownImages'>;
  canonical: Canonical;
}

/** What was found of an image as a whole, and of its platforms. */
export interface ImageDetection extends BaseDetection {
  /** in the index' order; undefined when all stand on the same */
  platforms?: PlatformBase[];
  /** it has not the layers of what it says it is built on */
  squashed?: boolean;
  /** without those that it inherits */
  labels?: OwnLabels;
}

/** Finds the base of an image in the chain index, by one query. */
export class BaseDetector {
  readonly #options: BaseDetectorOptions;

  static create(options: BaseDetectorOptions): BaseDetector {
    return new BaseDetector(options);
  }

  private constructor(options: BaseDetectorOptions) {
    this.#options = options;
  }

  /**
   * @param evidence - what was declared and read, as `detectBase` takes it
   */
  async detect(evidence: {
    declared?: NamedBase | ScratchBase;
    image?: ImageFacts;
    builtAt?: string;
  }): Promise<ImageDetection> {
    const { canonical, store } = this.#options;
    const platforms = evidence.image?.platforms ?? [];
    const named = [
      evidence.declared,
      // Labels only choose among what the layers have found
      ...platforms.map(({ annotations }) =>
        namedBaseOf(annotations, canonical),
      ),
    ].filter(name => name !== undefined && name !== 'scratch');
    const known = await store.findKnownImages({
      chainIds: unique(platforms.flatMap(({ chainIds }) => chainIds)),
      digests: unique(named.flatMap(({ digest }) => digest ?? [])),
      references: named.flatMap(({ repository, tag }) =>
        repository ? { repository, tag } : [],
      ),
    });
    const input: BaseDetectionInput = {
      ...evidence,
      known,
      canonical,
      tierOf: repository => this.#tierOf(repository),
    };
    return {
      ...detectBase(input),
      platforms: detectPlatformBases(input),
      squashed:
        evidence.image !== undefined &&
        isSquashed(evidence.image, known, canonical),
      labels: evidence.image && ownLabels(evidence.image, known),
    };
  }

  #tierOf(repository: string): 'bases' | 'mirrors' | 'other' {
    const { bases, mirrors } = this.#options.tiers;
    if (isBelow(bases, repository)) {
      return 'bases';
    }
    return isBelow(mirrors, repository) ? 'mirrors' : 'other';
  }
}

function isBelow(tier: RepositoryName, repository: string): boolean {
  return repository.startsWith(`${tier.registry}/${tier.repository}/`);
}

function unique(values: string[]): string[] {
  return [...new Set(values)];
}
