import { z } from 'zod';
import type { Cycle } from './LifecycleService';

/** A cycle with its newest release. */
export interface ReleaseFacts extends Cycle {
  latest?: string;
}

/** What an answer of endoflife.date says of one product. */
export interface ProductFacts {
  name: string;
  label: string;
  aliases: string[];
  purls: string[];
  cycles: ReleaseFacts[];
}

// Only what is needed is asked for, and what is odd is as good as absent: a
// new kind of value in one column must not cost the dates in another.
const optionalText = z.string().optional().catch(undefined);
const optionalDay = z.iso.date().optional().catch(undefined);

const releaseSchema = z.object({
  name: z.string().min(1).max(100),
  codename: optionalText,
  releaseDate: optionalDay,
  eolFrom: optionalDay,
  isEol: z.boolean().optional().catch(undefined),
  eoesFrom: optionalDay,
  latest: z
    .union([z.string(), z.object({ name: z.string() }).transform(l => l.name)])
    .optional()
    .catch(undefined),
});

const productSchema = z.object({
  name: z.string().min(1).max(200),
  label: optionalText,
  aliases: z.array(z.string()).catch([]),
  identifiers: z
    .array(z.object({ type: z.string(), id: z.string() }))
    .catch([]),
  purls: z.array(z.string()).catch([]),
  releases: z.array(releaseSchema).min(1),
});

/**
 * Reads the `result` of an endoflife.date answer (API v1,
 * `/products/{name}`), or a product of the built-in snapshot.
 *
 * @returns undefined when it is none: no name, or no releases with names
 */
export function readProductFacts(value: unknown): ProductFacts | undefined {
  const { data } = productSchema.safeParse(value);
  if (!data) {
    return undefined;
  }
  const purls = data.identifiers
    .filter(({ type }) => type === 'purl')
    .map(({ id }) => id);
  return {
    name: data.name,
    label: data.label ?? data.name,
    aliases: data.aliases,
    purls: [...new Set([...data.purls, ...purls])],
    cycles: data.releases.map(release => ({
      product: data.name,
      name: release.name,
      codename: release.codename,
      releaseDate: release.releaseDate,
      eolDate: release.eolFrom,
      isEol: release.isEol,
      eoesDate: release.eoesFrom,
      latest: release.latest,
    })),
  };
}
