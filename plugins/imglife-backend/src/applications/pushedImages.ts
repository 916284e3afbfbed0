import { isDigest } from '@imglife/oci';
import { z } from 'zod';

/** An image that a registry says was pushed. */
export interface PushedImage {
  /** host or address as the registry names it; undefined where it does not */
  host?: string;
  repository: string;
  tag: string;
}

const name = z.string().min(1).max(400);
const tagName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/);
const image = z.object({ repository: name, tag: tagName });

// https://distribution.github.io/distribution/about/notifications/
const distribution = z.object({
  events: z
    .array(
      z.object({
        action: z.string(),
        target: z
          .object({ repository: name.optional(), tag: z.string().optional() })
          .optional(),
        request: z.object({ host: z.string().optional() }).optional(),
      }),
    )
    .max(1_000),
});

// https://goharbor.io/docs/latest/working-with-projects/project-configuration/configure-webhooks/
const harbor = z.object({
  type: z.string(),
  event_data: z.object({
    resources: z
      .array(z.object({ tag: z.string().optional(), resource_url: z.string() }))
      .max(1_000),
  }),
});

// https://docs.github.com/webhooks/webhook-events-and-payloads#package
const githubPackage = z.object({
  package_type: z.string(),
  package_version: z.object({
    package_url: z.string().optional(),
    container_metadata: z
      .object({ tag: z.object({ name: z.string() }).optional() })
      .optional(),
  }),
});
const github = z.object({
  action: z.string(),
  package: githubPackage.optional(),
  registry_package: githubPackage.optional(),
});

// https://docs.projectquay.io/use_quay.html#repository-events
const quay = z.object({
  docker_url: z.string(),
  updated_tags: z.array(z.string()).max(1_000),
});

/**
 * The images that a registry's webhook says were pushed: notifications of
 * docker-registry (which GitLab's registry sends too), Harbor, GitHub packages
 * and Quay.
 *
 * @returns undefined when it is none of these; empty when nothing was pushed
 */
export function pushedImages(payload: unknown): PushedImage[] | undefined {
  for (const read of [ofDistribution, ofHarbor, ofGithub, ofQuay]) {
    const found = read(payload);
    if (found) {
      return found.filter(each => image.safeParse(each).success);
    }
  }
  return undefined;
}

function ofDistribution(payload: unknown): PushedImage[] | undefined {
  const { data } = distribution.safeParse(payload);
  return data?.events
    .filter(({ action }) => action === 'push')
    .map(({ target, request }) => ({
      host: request?.host,
      repository: target?.repository ?? '',
      // a push by digest alone has none
      tag: target?.tag ?? '',
    }));
}

function ofHarbor(payload: unknown): PushedImage[] | undefined {
  const { data } = harbor.safeParse(payload);
  if (data && !/push/i.test(data.type)) {
    return [];
  }
  return data?.event_data.resources.map(({ resource_url, tag }) =>
    ofUrl(resource_url, tag),
  );
}

function ofGithub(payload: unknown): PushedImage[] | undefined {
  const { data } = github.safeParse(payload);
  const pushed = data?.package ?? data?.registry_package;
  if (!data || !pushed) {
    return undefined;
  }
  const isImage =
    /^container$/i.test(pushed.package_type) &&
    ['published', 'updated'].includes(data.action);
  const { package_url: url, container_metadata: metadata } =
    pushed.package_version;
  return isImage && url ? [ofUrl(url, metadata?.tag?.name)] : [];
}

function ofQuay(payload: unknown): PushedImage[] | undefined {
  const { data } = quay.safeParse(payload);
  return data?.updated_tags.map(tag => ofUrl(data.docker_url, tag));
}

/** `host/path[:tag|@digest]`, with a tag beside it that goes first. */
function ofUrl(url: string, beside: string | undefined): PushedImage {
  const [plain] = url.replace(/^https?:\/\//, '').split('@', 1);
  const slash = plain.indexOf('/');
  const colon = plain.lastIndexOf(':');
  const hasTag = colon > plain.lastIndexOf('/');
  const within = hasTag ? plain.slice(colon + 1) : '';
  return {
    host: slash > 0 ? plain.slice(0, slash) : undefined,
    repository: plain.slice(slash + 1, hasTag ? colon : undefined),
    tag: (beside && !isDigest(beside) ? beside : within) || '',
  };
}
