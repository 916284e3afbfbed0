import type { LifecycleProduct } from './KnownLifecycle';
import type { ProductFacts } from './productFacts';

/**
 * Lays the organisation's own facts over what is known: its cycles replace
 * those of the same name, whole; other cycles stay, new ones are added.
 *
 * @returns new products; those only the organisation knows have no age
 */
export function withOverrides(
  products: readonly LifecycleProduct[],
  overrides: readonly ProductFacts[],
): LifecycleProduct[] {
  const result = new Map(products.map(product => [product.name, product]));
  for (const own of overrides) {
    const known = result.get(own.name);
    const names = new Set(own.cycles.map(({ name }) => name));
    const kept = known?.cycles.filter(({ name }) => !names.has(name)) ?? [];
    result.set(own.name, {
      name: own.name,
      aliases: [...new Set([...own.aliases, ...(known?.aliases ?? [])])],
      purls: [...new Set([...own.purls, ...(known?.purls ?? [])])],
      cycles: [...own.cycles, ...kept],
      fetchedAt: known?.fetchedAt,
    });
  }
  return [...result.values()];
}
