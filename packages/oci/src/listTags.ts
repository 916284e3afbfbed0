import { z } from 'zod';
import { RegistryError } from './errors';
import { checkName } from './Reference';
import type { HostTransport } from './transport/HostTransport';
import { parseNextLink } from './transport/parseNextLink';
import { readBody } from './transport/readBody';

/** Whose tags to list. */
export interface TagListOptions {
  host: string;
  transport: HostTransport;
  repository: string;
  signal?: AbortSignal;
}

const MAX_TAG_PAGE = 32 * 1024 * 1024;
const TAGS_PER_PAGE = 1000;
const tagsSchema = z.looseObject({ tags: z.array(z.string()).nullable() });

/**
 * All tags of a repository, page by page along the `Link` headers (OCI
 * distribution-spec, "Listing Tags"). Throws RegistryError.
 */
export async function listTags(options: TagListOptions): Promise<string[]> {
  const { host, repository } = options;
  checkName(repository);
  const tags = new Set<string>();
  const seen = new Set<string>();
  let page:
    | string
    | undefined = `/v2/${repository}/tags/list?n=${TAGS_PER_PAGE}`;
  while (page !== undefined) {
    if (seen.has(page)) {
      throw new RegistryError('the pages of its tag list go in a circle', {
        host,
        repository,
      });
    }
    seen.add(page);
    const answer: TagPage = await tagPage(options, page);
    answer.names.forEach(name => tags.add(name));
    page = answer.next;
  }
  return [...tags];
}

interface TagPage {
  names: string[];
  next?: string;
}

async function tagPage(
  { transport, host, repository, signal }: TagListOptions,
  page: string,
): Promise<TagPage> {
  return transport.send(
    {
      method: 'GET',
      target: page,
      scopes: [`repository:${repository}:pull`],
      repository,
      signal,
    },
    async response => {
      const body = await readBody(response.body, MAX_TAG_PAGE);
      const names = parseTags(body.toString('utf8'));
      if (!names) {
        throw new RegistryError('its tag list cannot be read', {
          host,
          repository,
        });
      }
      return { names, next: parseNextLink(response.header('link'), page) };
    },
  );
}

// null is what docker-registry says once the last tag is deleted
function parseTags(text: string): string[] | undefined {
  try {
    return tagsSchema.parse(JSON.parse(text)).tags ?? [];
  } catch {
    return undefined;
  }
}
