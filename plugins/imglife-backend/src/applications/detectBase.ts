import type { Detection } from '@imglife/backstage-plugin-imglife-common';
import {
  byVersion,
  candidateReference,
  groupByRoot,
  isSameImage,
  namesCandidate,
  newestBefore,
  type BaseCandidate,
  type KnownImage,
} from './baseCandidates';
import { inputHashLabel, type ImageFacts } from './imageFacts';
import { matchLayers, type LayerMatches } from './matchLayers';
import {
  namedBaseOf,
  type Canonical,
  type NamedBase,
  type ScratchBase,
} from './namedBase';

/** The image an application is built on. */
export interface DetectedBase {
  kind: 'base';
  /** `host/path:tag`, or `host/path` when nothing tells the tag */
  reference: string;
  /** of the whole image where it is known, else as it was given */
  digest?: string;
  tier: 'bases' | 'mirrors' | 'other';
  /** name of the definition */
  name?: string;
  /** the base's tag */
  version?: string;
}

/** What an application stands on: an image, nothing (`FROM scratch`), or who knows. */
export type BaseOutcome = DetectedBase | { kind: 'none' } | { kind: 'unknown' };

/** What was found, and how. */
export interface BaseDetection {
  base: BaseOutcome;
  detection: Detection;
}

/** All that detection goes by. */
export interface BaseDetectionInput {
  /** what the pipeline said */
  declared?: NamedBase | ScratchBase;
  /** undefined when the registry could not be read */
  image?: ImageFacts;
  /** when the image was built, ISO 8601 UTC */
  builtAt?: string;
  /** rows of the chain index: by chain, by digest and by reference */
  known: KnownImage[];
  canonical: Canonical;
  /** where a repository lies that has no record */
  tierOf(repository: string): 'bases' | 'mirrors' | 'other';
}

type Method = Detection['method'];

function references(candidates: BaseCandidate[]): string[] {
  return [...new Set(byVersion(candidates).map(candidateReference))];
}

function foundBase(
  chosen: BaseCandidate,
  named?: NamedBase | ScratchBase,
): DetectedBase {
  const { image } = chosen;
  const pulledUpstream =
    named &&
    named !== 'scratch' &&
    namesCandidate(named, chosen) === 'upstream';
  if (pulledUpstream && image.upstream) {
    // A copy has the layers of its upstream: they cannot tell which of the two
    // was pulled, so that the name decides.
    return {
      kind: 'base',
      reference: `${image.upstream.repository}:${image.upstream.tag}`,
      digest: image.rootDigest,
      tier: 'other',
      version: image.upstream.tag,
    };
  }
  return {
    kind: 'base',
    reference: candidateReference(chosen),
    digest: image.rootDigest,
    tier: image.tier,
    name: image.name,
    version: image.tag,
  };
}

function hitsOf(
  named: NamedBase | ScratchBase | undefined,
  candidates: BaseCandidate[],
): BaseCandidate[] {
  if (!named || named === 'scratch') {
    return [];
  }
  const own = candidates.filter(each => namesCandidate(named, each) === 'own');
  return own.length > 0
    ? own
    : candidates.filter(each => namesCandidate(named, each));
}

/** A base that only a name speaks for: what our records say of that name. */
function asNamed(
  named: NamedBase | ScratchBase,
  input: BaseDetectionInput,
  roots: ReadonlyMap<string, BaseCandidate>,
): BaseOutcome {
  if (named === 'scratch') {
    return { kind: 'none' };
  }
  const hits = hitsOf(named, [...roots.values()]);
  // Without a digest the tag may mean any of its digests: only the name counts.
  if (hits.length > 0 && (named.digest || !named.repository)) {
    return foundBase(newestBefore(hits, input.builtAt).chosen, named);
  }
  const { repository, tag, digest } = named;
  if (!repository) {
    return { kind: 'unknown' };
  }
  const record = [...roots.values()].find(
    each =>
      each.image.repository === repository && (!tag || each.image.tag === tag),
  );
  return {
    kind: 'base',
    reference: tag ? `${repository}:${tag}` : repository,
    digest,
    tier: record?.image.tier ?? input.tierOf(repository),
    name: record?.image.name,
    version: tag,
  };
}

function answer(
  base: BaseOutcome,
  method: Method,
  confidence: Detection['confidence'],
  open: { mismatch?: boolean; candidates?: string[] } = {},
): BaseDetection {
  const { mismatch = false, candidates = [] } = open;
  return { base, detection: { method, confidence, mismatch, candidates } };
}

/** The candidates that evidence inside the image speaks for. */
function narrow(
  matches: LayerMatches,
  image: ImageFacts,
  canonical: Canonical,
): { method: Method; rest: BaseCandidate[]; named?: NamedBase | ScratchBase } {
  const { candidates } = matches;
  for (const platform of image.platforms) {
    const named = namedBaseOf(platform.annotations, canonical);
    const rest = hitsOf(named, candidates);
    if (rest.length > 0) {
      return { method: 'annotation', rest, named };
    }
  }
  const hashes = image.platforms.map(each => each.labels[inputHashLabel]);
  const hashed = candidates.filter(
    each => each.image.inputHash && hashes.includes(each.image.inputHash),
  );
  const decided = hashed.length > 0 && hashed.length < candidates.length;
  const pool = decided ? hashed : candidates;
  const bases = pool.filter(each => each.image.tier === 'bases');
  const best = bases.length > 0 ? bases : pool;
  for (const platform of image.platforms) {
    const named = namedBaseOf(platform.labels, canonical);
    const rest = hitsOf(named, best);
    if (rest.length > 0) {
      return { method: 'label', rest, named };
    }
  }
  return { method: decided ? 'label' : 'chain', rest: best };
}

function byLayers(
  matches: LayerMatches,
  image: ImageFacts,
  input: BaseDetectionInput,
  roots: ReadonlyMap<string, BaseCandidate>,
): BaseDetection {
  const { declared } = input;
  const all = references(matches.perPlatform.flat());
  const split = matches.agree ? undefined : { candidates: all };
  if (declared) {
    const hits = hitsOf(declared, matches.candidates);
    const contradicted =
      hits.length === 0 ||
      matches.perPlatform.some(
        each => each.length > 0 && hitsOf(declared, each).length === 0,
      );
    if (contradicted) {
      const kept = asNamed(declared, input, roots);
      return answer(kept, 'declared', 'low', {
        mismatch: true,
        candidates: all,
      });
    }
    return chosenOf(hits, {
      input,
      method: 'declared',
      named: declared,
      split,
    });
  }
  const { method, rest, named } = narrow(matches, image, input.canonical);
  return chosenOf(rest, { input, method, named, split });
}

/** The newest of what is left; several tags of that image are all reported. */
function chosenOf(
  rest: BaseCandidate[],
  how: {
    input: BaseDetectionInput;
    method: Method;
    named?: NamedBase | ScratchBase;
    split?: { candidates: string[] };
  },
): BaseDetection {
  const { input, method, named, split } = how;
  const { chosen, tied } = newestBefore(rest, input.builtAt);
  const open = split ?? (tied ? { candidates: references(rest) } : undefined);
  const tags = references(rest.filter(each => isSameImage(each, chosen)));
  return answer(
    foundBase(chosen, named),
    method,
    open ? 'low' : 'confirmed',
    open ?? { candidates: tags.length > 1 ? tags : [] },
  );
}

/** Layers match nothing known: what is said is all there is. */
function byNames(
  input: BaseDetectionInput,
  roots: ReadonlyMap<string, BaseCandidate>,
): BaseDetection {
  const { declared, image } = input;
  const named = (image?.platforms ?? []).map(each =>
    namedBaseOf(each.annotations, input.canonical),
  );
  const scratch =
    named.length > 0 &&
    image!.platforms.every(
      (each, at) => named[at] === 'scratch' || each.chainIds.length === 0,
    );
  if (declared) {
    const base = asNamed(declared, input, roots);
    const confirmed = declared === 'scratch' && scratch;
    return answer(base, 'declared', confirmed ? 'confirmed' : 'unconfirmed');
  }
  if (scratch) {
    const method = named.includes('scratch') ? 'annotation' : 'none';
    return answer({ kind: 'none' }, method, 'confirmed');
  }
  const outcomes = named.flatMap(each =>
    each && each !== 'scratch' ? [asNamed(each, input, roots)] : [],
  );
  const bases = outcomes.filter(
    (each): each is DetectedBase => each.kind === 'base',
  );
  if (bases.length === 0) {
    return answer({ kind: 'unknown' }, 'none', 'none');
  }
  const candidates = [...new Set(bases.map(each => each.reference))];
  return candidates.length > 1
    ? answer(bases[0], 'annotation', 'low', { candidates })
    : answer(bases[0], 'annotation', 'unconfirmed');
}

/**
 * Finds what an image is built on.
 *
 * The candidates are the longest known chains its layers begin with (OCI
 * image-spec config.md, Layer ChainID). Among them: what was declared, then
 * the annotations `base.name`/`base.digest`, then an inherited
 * `io.imglife.input-hash`, then base before mirror, then the newest published
 * before the image was built; a tie left open is `low`, all candidates listed.
 * A declaration the layers contradict is kept and flagged `mismatch`; one that
 * cannot be checked is `unconfirmed`. Labels confirm nothing by themselves,
 * since every child inherits them.
 */
export function detectBase(input: BaseDetectionInput): BaseDetection {
  const roots = groupByRoot(input.known);
  const matches = input.image && matchLayers(input.image, roots, input.known);
  return matches && input.image
    ? byLayers(matches, input.image, input, roots)
    : byNames(input, roots);
}
