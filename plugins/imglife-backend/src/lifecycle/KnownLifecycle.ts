import { parseTag } from '@imglife/backstage-plugin-imglife-common';
import type { RepositoryName } from '../definitions/Definitions';
import type {
  Cycle,
  ImageCycles,
  LifecycleData,
  SupportJudgement,
} from './LifecycleService';
import { matchCycle } from './matchCycle';
import { osOfSuffix } from './osOfSuffix';
import { productOf, type KnownProduct } from './productOf';
import { judgeSupport, type DatedCycle, type SupportOptions } from './support';

const DAY_MS = 86_400_000;

/** A product with its cycles and the age of what is known. */
export interface LifecycleProduct extends KnownProduct {
  cycles: readonly Cycle[];
  /** ISO 8601 UTC; undefined for what the organisation says itself */
  fetchedAt?: string;
}

/** Newest release first; cycles of one day, or without one, by their numbers. */
function newestFirst(a: Cycle, b: Cycle): number {
  const byDate = (b.releaseDate ?? '').localeCompare(a.releaseDate ?? '');
  return byDate || b.name.localeCompare(a.name, 'en', { numeric: true });
}

/** End-of-life data as it was at one time. */
export class KnownLifecycle implements LifecycleData {
  readonly ageDays: number | undefined;
  readonly #products: readonly KnownProduct[];
  readonly #cycles: ReadonlyMap<string, Cycle[]>;
  readonly #ages: ReadonlyMap<string, number>;

  /**
   * @param options - `inUse`: names of the products whose age is the age of
   *   the data
   */
  static create(options: {
    products: readonly LifecycleProduct[];
    inUse: ReadonlySet<string>;
    now: Date;
  }): KnownLifecycle {
    return new KnownLifecycle(options.products, options.inUse, options.now);
  }

  private constructor(
    products: readonly LifecycleProduct[],
    inUse: ReadonlySet<string>,
    now: Date,
  ) {
    const known = products.filter(({ cycles }) => cycles.length > 0);
    this.#products = known;
    this.#cycles = new Map(
      known.map(({ name, cycles }) => [name, [...cycles].sort(newestFirst)]),
    );
    this.#ages = new Map(
      known.flatMap(({ name, fetchedAt }) =>
        fetchedAt === undefined
          ? []
          : [[name, wholeDaysBetween(fetchedAt, now)] as const],
      ),
    );
    const ages = [...this.#ages]
      .filter(([name]) => inUse.has(name))
      .map(([, age]) => age);
    this.ageDays = ages.length > 0 ? Math.max(...ages) : undefined;
  }

  productOf(upstream: RepositoryName, configured?: string): string | undefined {
    return productOf(this.#products, upstream, configured);
  }

  cyclesOf(product: string | undefined, tag: string): ImageCycles {
    const { version, codename, parts, suffix } = parseTag(tag);
    const own = product === undefined ? [] : this.cyclesOfProduct(product);
    // jammy-20240227 and bookworm-slim: what stands for a version is the name
    const isNamed = version === undefined || codename !== undefined;
    const names = isNamed ? [tag.split('-', 1)[0]] : [version, parts.join('.')];
    const cycle = names
      .map(name => matchCycle(own, name))
      .find(found => found !== undefined);
    const os = osOfSuffix(isNamed ? tag : suffix, name =>
      this.cyclesOfProduct(name),
    );
    return {
      product,
      cycle: cycle?.name,
      ...(os &&
        os.product !== product && {
          osProduct: os.product,
          osCycle: os.name,
        }),
    };
  }

  cyclesOfProduct(product: string): Cycle[] {
    return this.#cycles.get(product) ?? [];
  }

  judge(cycles: ImageCycles, options: SupportOptions): SupportJudgement {
    return judgeSupport(
      this.#find(cycles.product, cycles.cycle),
      this.#find(cycles.osProduct, cycles.osCycle),
      options,
    );
  }

  #find(product?: string, name?: string): DatedCycle | undefined {
    const cycle =
      product === undefined
        ? undefined
        : this.cyclesOfProduct(product).find(other => other.name === name);
    return cycle && { cycle, ageDays: this.#ages.get(cycle.product) };
  }
}

function wholeDaysBetween(from: string, to: Date): number {
  return Math.max(0, Math.floor((to.getTime() - Date.parse(from)) / DAY_MS));
}
