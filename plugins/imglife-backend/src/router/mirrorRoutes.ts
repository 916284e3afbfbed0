import {
  acceptRequestSchema,
  imglifeRunCreatePermission,
} from '@imglife/backstage-plugin-imglife-common';
import { z } from 'zod';
import type { MovedTags } from '../mirrors/MovedTags';
import { parseInput } from './parseInput';
import type { Route } from './Route';

/** What a person decides of a mirror. */
export function mirrorRoutes(options: { movedTags: MovedTags }): Route[] {
  return [
    {
      method: 'post',
      path: '/v1/mirrors/accept',
      operationId: 'acceptMovedTag',
      summary: 'Accept what upstream has under a moved immutable tag',
      permission: imglifeRunCreatePermission,
      body: acceptRequestSchema,
      responses: {
        202: {
          description: 'Recorded; the run that copies it is queued',
          content: {
            'application/json': z.strictObject({ id: z.string() }),
          },
        },
      },
      async handle(request, response, caller) {
        const body = parseInput(acceptRequestSchema, request.body);
        const run = await options.movedTags.accept(body, caller.actor);
        response.status(202).json(run);
      },
    },
  ];
}
