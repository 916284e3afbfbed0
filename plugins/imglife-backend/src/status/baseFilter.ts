import { InputError } from '@backstage/errors';
import { InvalidReferenceError } from '@imglife/oci';
import type { Knex } from 'knex';
import { parseNamedBase, type Canonical } from '../applications/namedBase';
import { escapeLike } from '../database/searchText';
import type { AdoptionGroup } from './adoptionGroups';

/** Which bases are meant, as {@link parseBaseFilter} reads it. */
export type BaseFilter =
  | {
      /** of a base, a mirror, or the last part of an upstream repository */
      name: string;
      /** a tag, or its beginning up to a `.`, `-` or `_` */
      version?: string;
      /** what the name means as a product of its own or of the OS below */
      product?: string;
    }
  | {
      /** `host/path` */
      repository: string;
      tag?: string;
      digest?: string;
    };

/**
 * Reads the filter `base`: a name (`alpine`), a name or product with a version
 * or cycle (`alpine:3.19`), or a reference.
 *
 * @param productOf - the product that an official image or a product's name
 *   stands for
 * @throws InputError - it has no name, or a `/` and is no reference
 */
export function parseBaseFilter(
  text: string,
  canonical: Canonical,
  productOf: (name: string) => string | undefined,
): BaseFilter {
  if (!text.includes('/')) {
    const colon = text.indexOf(':');
    const name = colon === -1 ? text : text.slice(0, colon);
    if (!name) {
      throw new InputError(`base: ${text} names no base`);
    }
    const version = colon === -1 ? undefined : text.slice(colon + 1);
    return { name, version: version || undefined, product: productOf(name) };
  }
  try {
    const named = parseNamedBase(text, undefined, canonical);
    if (named !== 'scratch' && named.repository) {
      const { repository, tag, digest } = named;
      return { repository, tag, digest };
    }
  } catch (error) {
    if (!(error instanceof InvalidReferenceError)) {
      throw error;
    }
    throw new InputError(`base: ${error.message}`);
  }
  throw new InputError(`base: ${text} names no base`);
}

/**
 * Narrows verdicts to the bases that are meant.
 *
 * @param verdicts - `verdict` joined with `base_use`
 */
export function whereBase(
  verdicts: Knex.QueryBuilder,
  filter: BaseFilter,
): Knex.QueryBuilder {
  if ('repository' in filter) {
    const { repository, tag, digest } = filter;
    if (digest) {
      verdicts.where('base_use.digest', digest);
    }
    return tag
      ? verdicts.where('base_use.reference', `${repository}:${tag}`)
      : verdicts.where(either =>
          either
            .where('base_use.reference', repository)
            .orWhereRaw(like('base_use.reference'), [
              `${escapeLike(repository)}:%`,
            ]),
        );
  }
  return verdicts.where(either => {
    either.where(named => byName(named, filter));
    if (filter.product) {
      either.orWhere(own => byProduct(own, filter, 'product', 'cycle'));
      either.orWhere(os => byProduct(os, filter, 'os_product', 'os_cycle'));
    }
  });
}

/**
 * Narrows bases to those that are meant: by their own name, whatever is in
 * them, or by reference.
 *
 * @param bases - `base_tag`
 */
export function whereBaseTag(
  bases: Knex.QueryBuilder,
  filter: BaseFilter,
): Knex.QueryBuilder {
  if ('repository' in filter) {
    const { repository, tag, digest } = filter;
    return bases.where({
      repository,
      ...(tag && { tag }),
      ...(digest && { digest }),
    });
  }
  const { name, version } = filter;
  bases.where({ name });
  return version === undefined
    ? bases
    : bases.where(either =>
        either
          .where('cycle', version)
          .orWhere(tag => beginsWith(tag, 'tag', '', version)),
      );
}

/**
 * Whether a group of adoption is of the bases that are meant.
 *
 * @param text - the filter as it was given
 * @throws InputError - it names a tag or digest, and they are not counted apart
 */
export function adoptionFilter(
  filter: BaseFilter,
  text: string,
): (group: AdoptionGroup) => boolean {
  if ('repository' in filter) {
    if (filter.tag || filter.digest) {
      throw new InputError(
        `base: adoption is counted by base and cycle: ${text} names one tag; give a name with a cycle, such as alpine:3.19`,
      );
    }
    return ({ base }) => base === filter.repository;
  }
  const { name, version, product } = filter;
  return group =>
    (group.base === name ||
      group.base?.endsWith(`/${name}`) ||
      (product !== undefined && group.product === product)) &&
    (version === undefined || group.cycle === version);
}

function byName(
  where: Knex.QueryBuilder,
  { name, version }: { name: string; version?: string },
): void {
  where.where(either =>
    either
      .where('verdict.name', name)
      .orWhereRaw(like('base_use.reference'), [`%/${escapeLike(name)}:%`]),
  );
  if (version) {
    where.where(either =>
      beginsWith(either, 'base_use.reference', '%:', version),
    );
  }
}

/** Tags that are a version or begin with it: 3.2 is no beginning of 3.21. */
function beginsWith(
  either: Knex.QueryBuilder,
  column: string,
  before: string,
  version: string,
): void {
  for (const end of ['', '.%', '-%', '\\_%']) {
    either.orWhereRaw(like(column), [`${before}${escapeLike(version)}${end}`]);
  }
}

function byProduct(
  where: Knex.QueryBuilder,
  filter: { product?: string; version?: string },
  product: string,
  cycle: string,
): void {
  where.where({
    [`verdict.${product}`]: filter.product,
    ...(filter.version && { [`verdict.${cycle}`]: filter.version }),
  });
}

function like(column: string): string {
  return `${column} LIKE ? ESCAPE '\\'`;
}
