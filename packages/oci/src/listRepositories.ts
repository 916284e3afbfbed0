import { z } from 'zod';
import { RegistryError } from './errors';
import type { HostTransport } from './transport/HostTransport';
import { parseNextLink } from './transport/parseNextLink';
import { readBody } from './transport/readBody';

const FIRST_PAGE = '/v2/_catalog?n=1000';
const MAX_PAGE = 32 * 1024 * 1024;
const catalogSchema = z.looseObject({
  repositories: z.array(z.string()).nullish(),
});

/**
 * The repositories of a registry, page by page along the `Link` headers. The
 * catalog is Docker's: OCI leaves it out, and many registries refuse it (401,
 * 403, 404, 405). Throws RegistryError.
 */
export async function listRepositories(options: {
  host: string;
  transport: HostTransport;
  signal?: AbortSignal;
}): Promise<string[]> {
  const { host, transport, signal } = options;
  const names = new Set<string>();
  const seen = new Set<string>();
  let page: string | undefined = FIRST_PAGE;
  while (page !== undefined) {
    const target: string = page;
    if (seen.has(target)) {
      throw new RegistryError('the pages of its catalog go in a circle', {
        host,
      });
    }
    seen.add(target);
    page = await transport.send(
      { method: 'GET', target, scopes: ['registry:catalog:*'], signal },
      async response => {
        const body = await readBody(response.body, MAX_PAGE);
        const found = parseCatalog(body.toString('utf8'));
        if (!found) {
          throw new RegistryError('its catalog cannot be read', { host });
        }
        found.forEach(name => names.add(name));
        return parseNextLink(response.header('link'), target);
      },
    );
  }
  return [...names];
}

function parseCatalog(text: string): string[] | undefined {
  try {
    return catalogSchema.parse(JSON.parse(text)).repositories ?? [];
  } catch {
    return undefined;
  }
}
