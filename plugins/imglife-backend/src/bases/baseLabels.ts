import type {
  ImageCycles,
  SupportJudgement,
} from '../lifecycle/LifecycleService';

/** Label and annotation that holds a base's input hash. */
export const INPUT_HASH_LABEL = 'io.imglife.input-hash';

/** Labels that name what a base is built on (OCI image-spec annotations.md). */
export const BASE_NAME_LABEL = 'org.opencontainers.image.base.name';
/** Its digest. */
export const BASE_DIGEST_LABEL = 'org.opencontainers.image.base.digest';

const EOL_DATE = 'io.imglife.eol-date';
const EOL_PRODUCT = 'io.imglife.eol-product';
const EOL_CYCLE = 'io.imglife.eol-cycle';

/** Facts about support, frozen when a base is first built. */
export type EolLabels = Record<string, string>;

/** What the labels of a base say. */
export interface BaseLabelFacts {
  /** name of the base */
  name: string;
  tag: string;
  coreVersion: string;
  inputHash: string;
  /** ISO 8601 UTC */
  created: string;
  /** commit of the context */
  revision?: string;
  /** URL of the context */
  source?: string;
  /** `repository:tag` */
  mirrorReference: string;
  mirrorDigest: string;
  eol: EolLabels;
}

/**
 * The cycle whose date counts and that date, as far as they are known.
 *
 * @param judged - the earlier date of image and OS counts
 */
export function eolLabels(
  cycles: ImageCycles,
  judged: SupportJudgement,
): EolLabels {
  const fact = judged.eol.find(
    ({ eolDate }) => eolDate !== null && eolDate === judged.eolDate,
  );
  const facts = {
    [EOL_DATE]: judged.eolDate,
    [EOL_PRODUCT]: fact?.product ?? cycles.product,
    [EOL_CYCLE]: fact?.cycle ?? cycles.cycle,
  };
  return Object.fromEntries(
    Object.entries(facts).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}

/**
 * The same facts as they stand on an image that was built from the same
 * inputs: they are frozen with the input hash, so that it is built again with
 * the same digest whatever end-of-life data says by then.
 *
 * @returns undefined when the image has another input hash
 */
export function frozenEolLabels(
  labels: Readonly<Record<string, string>>,
  inputHash: string,
): EolLabels | undefined {
  if (labels[INPUT_HASH_LABEL] !== inputHash) {
    return undefined;
  }
  return Object.fromEntries(
    [EOL_DATE, EOL_PRODUCT, EOL_CYCLE]
      .filter(name => labels[name] !== undefined)
      .map(name => [name, labels[name]]),
  );
}

/**
 * Labels of a base, which are its annotations too (OCI image-spec
 * annotations.md; domain, Base images).
 */
export function baseLabels(facts: BaseLabelFacts): Record<string, string> {
  return {
    'org.opencontainers.image.created': facts.created,
    ...(facts.revision && {
      'org.opencontainers.image.revision': facts.revision,
    }),
    ...(facts.source && { 'org.opencontainers.image.source': facts.source }),
    'org.opencontainers.image.version': facts.tag,
    'org.opencontainers.image.title': facts.name,
    [BASE_NAME_LABEL]: facts.mirrorReference,
    [BASE_DIGEST_LABEL]: facts.mirrorDigest,
    'io.imglife.core-version': facts.coreVersion,
    ...facts.eol,
    [INPUT_HASH_LABEL]: facts.inputHash,
  };
}
