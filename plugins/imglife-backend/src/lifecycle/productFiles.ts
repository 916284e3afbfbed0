import { readFile } from 'node:fs/promises';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { ForwardedError, InputError } from '@backstage/errors';
import { readProductFacts, type ProductFacts } from './productFacts';

/** Facts that come with the package, for machines without a network. */
export interface LifecycleSnapshot {
  /** ISO 8601 UTC */
  generatedAt: string;
  products: ProductFacts[];
}

async function readJson(file: string, what: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new ForwardedError(`${what} ${file} could not be read`, error);
  }
}

function readProducts(values: unknown[], file: string): ProductFacts[] {
  return values.map((value, index) => {
    const facts = readProductFacts(value);
    if (!facts) {
      throw new InputError(
        `${file}: product ${
          index + 1
        } has no name or no releases; it must be as endoflife.date answers /api/v1/products/{name}`,
      );
    }
    return facts;
  });
}

/**
 * Reads the snapshot of endoflife.date that comes with the package
 * (`data/snapshot.json`, made by `data/make-snapshot.mjs`).
 */
export async function readSnapshot(): Promise<LifecycleSnapshot> {
  const file = resolvePackagePath(
    '@imglife/backstage-plugin-imglife-backend',
    'data/snapshot.json',
  );
  const json = (await readJson(file, 'The built-in snapshot')) as {
    generatedAt: string;
    products: unknown[];
  };
  return {
    generatedAt: json.generatedAt,
    products: readProducts(json.products, file),
  };
}

/**
 * Reads a file of own facts: one product answer of the API, a list of them,
 * or an answer of `/products/full`.
 *
 * @throws InputError - a product in it has no name or no releases
 * @throws ForwardedError - the file cannot be read, or is no JSON
 */
export async function readOverrides(file: string): Promise<ProductFacts[]> {
  const json = await readJson(file, 'The file of lifecycle overrides');
  const unwrap = (value: unknown) =>
    (value as { result?: unknown } | null)?.result ?? value;
  const products = [unwrap(json)].flat().map(unwrap);
  return readProducts(products, file);
}
