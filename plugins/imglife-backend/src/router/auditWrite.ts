import type { AuditorService } from '@backstage/backend-plugin-api';
import type { JsonObject } from '@backstage/types';
import type { Request, Response } from 'express';
import type { Route } from './Route';

const MAX_TEXT = 512;
const MAX_ITEMS = 200;
/** What names the object of a write; nothing else of a body is kept. */
const NAMED = ['image', 'kind', 'target', 'reference'] as const;

/**
 * Begins an audit event of a write, and ends it with the answer, whatever ends
 * the request: refused, malformed, failed or done.
 */
export async function auditWrite(
  auditor: AuditorService,
  route: Route,
  request: Request,
  response: Response,
): Promise<void> {
  const event = await auditor.createEvent({
    eventId: kebabCase(route.operationId),
    severityLevel: route.permission.name.startsWith('imglife.registration.')
      ? 'low'
      : 'medium',
    request,
    meta: { permission: route.permission.name, ...request.params },
  });
  response.once('close', () => {
    const meta = {
      status: response.statusCode,
      ...namedOf(request),
      ...permissionOf(route, request),
    };
    const done = response.writableFinished && response.statusCode < 400;
    const reason = response.writableFinished
      ? `answered ${response.statusCode}`
      : 'the caller went away';
    void (done
      ? event.success({ meta })
      : event.fail({ meta, error: new Error(reason) }));
  });
}

/** That of the body, where it says which one is needed and can be read. */
function permissionOf({ byBody }: Route, request: Request): JsonObject {
  try {
    return byBody ? { permission: byBody.permissionOf(request.body).name } : {};
  } catch {
    return {};
  }
}

function namedOf(request: Request): JsonObject {
  const given = { ...Object(request.query), ...Object(request.body) };
  return {
    ...Object.fromEntries(
      NAMED.map(key => [key, given[key]])
        .filter(([, value]) => typeof value === 'string')
        .map(([key, value]) => [key, value.slice(0, MAX_TEXT)]),
    ),
    ...(Array.isArray(given.items) && { images: imagesOf(given.items) }),
  };
}

/** Of a batch; where an item names none, its place stays. */
function imagesOf(items: unknown[]): Array<string | null> {
  return items.slice(0, MAX_ITEMS).map(item => {
    const image = Object(item).image;
    return typeof image === 'string' ? image.slice(0, MAX_TEXT) : null;
  });
}

function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}
