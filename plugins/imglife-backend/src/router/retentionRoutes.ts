import {
  imglifeRetentionRunPermission,
  restoreRequestSchema,
} from '@imglife/backstage-plugin-imglife-common';
import { z } from 'zod';
import type { RetentionService } from '../retention/RetentionService';
import { parseInput } from './parseInput';
import type { Route } from './Route';

/** What is asked of retention beside its runs. */
export function retentionRoutes(options: {
  retention: RetentionService;
}): Route[] {
  return [
    {
      method: 'post',
      path: '/v1/retention/restore',
      operationId: 'restoreImage',
      summary: 'Bring an image back from the archive of retention',
      permission: imglifeRetentionRunPermission,
      body: restoreRequestSchema,
      responses: {
        202: {
          description: 'The run that copies it back is queued',
          content: {
            'application/json': z.strictObject({ id: z.string() }),
          },
        },
      },
      async handle(request, response, caller) {
        const { reference } = parseInput(restoreRequestSchema, request.body);
        const run = await options.retention.restore(reference, caller.actor);
        response.status(202).json(run);
      },
    },
  ];
}
