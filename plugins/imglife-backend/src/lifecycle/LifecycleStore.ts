import type { ProductTable } from '../database/tables';
import type { ProductFacts } from './productFacts';

/** A product as it is stored. */
export interface StoredProduct extends ProductFacts {
  source: ProductTable['source'];
  /** ISO 8601 UTC */
  fetchedAt: string;
  /** why the last refresh failed */
  error?: string;
}

/** What is known of products, with its age. */
export interface LifecycleStore {
  /** All products with their cycles. */
  readAll(): Promise<StoredProduct[]>;
  /** Replaces all that is known of one product, and forgets its error. */
  replace(product: StoredProduct): Promise<void>;
  /**
   * Adds products that are not stored, and replaces those that came from an
   * older snapshot or have no cycles.
   *
   * @param generatedAt - the snapshot's age, ISO 8601 UTC
   */
  seed(products: ProductFacts[], generatedAt: string): Promise<void>;
  /**
   * Keeps why a refresh failed; what is known of the product stays.
   *
   * @param at - ISO 8601 UTC
   */
  recordFailure(name: string, error: string, at: string): Promise<void>;
}
