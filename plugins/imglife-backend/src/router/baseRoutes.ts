import { pipeline } from 'node:stream/promises';
import {
  baseRowSchema,
  exportQuerySchema,
  imglifeBasePublishPermission,
  imglifeBaseWithdrawPermission,
  publishedSchema,
  withdrawSchema,
} from '@imglife/backstage-plugin-imglife-common';
import { z } from 'zod';
import type { BaseTagService } from '../bases/BaseTagService';
import type { BaseExporter } from '../bases/outside/BaseExporter';
import type { ReportedBases } from '../bases/outside/ReportedBases';
import type { StatusService } from '../status/StatusService';
import { parseInput } from './parseInput';
import type { Route } from './Route';

const content = { 'application/json': baseRowSchema };

/** What is done with one base, beside building it here. */
export interface BaseRoutesOptions {
  baseTags: BaseTagService;
  exporter: BaseExporter;
  reportedBases: ReportedBases;
  status: StatusService;
}

/** Bases: taken back, and built outside. */
export function baseRoutes(options: BaseRoutesOptions): Route[] {
  const { baseTags, status } = options;
  return [
    ...outsideRoutes(options),
    {
      method: 'post',
      path: '/v1/bases/withdraw',
      operationId: 'withdrawBase',
      summary: 'Take a bad base back; what is built on it becomes critical',
      permission: imglifeBaseWithdrawPermission,
      body: withdrawSchema,
      responses: {
        200: { description: 'Withdrawn; the row of the base', content },
      },
      async handle(request, response, caller) {
        const reference = await baseTags.withdraw(
          parseInput(withdrawSchema, request.body),
          caller.actor,
        );
        response.json(await status.base(reference));
      },
    },
  ];
}

function outsideRoutes(options: BaseRoutesOptions): Route[] {
  const { exporter, reportedBases, status } = options;
  return [
    {
      method: 'get',
      path: '/v1/bases/export',
      operationId: 'exportBases',
      summary:
        'What is due of the builder export, or one base: Dockerfile, context and build.json per image and platform',
      permission: imglifeBasePublishPermission,
      query: exportQuerySchema,
      responses: {
        200: {
          description:
            'A tar archive, at most 4 GiB; export.json, its first file, says what is in it. Secrets never are',
          content: { 'application/x-tar': z.string() },
        },
      },
      async handle(request, response) {
        const query = parseInput(exportQuerySchema, request.query);
        const tar = await exporter.export(query);
        response.type('application/x-tar');
        // The root compression would hold the stream back until its end
        response.set('cache-control', 'no-store, no-transform');
        await pipeline(tar, response);
      },
    },
    {
      method: 'post',
      path: '/v1/bases/published',
      operationId: 'reportPublishedBase',
      summary: 'Report a base that was built from an export and pushed',
      permission: imglifeBasePublishPermission,
      body: publishedSchema,
      responses: {
        200: { description: 'Known already; the row of the base', content },
        201: { description: 'Recorded; the row of the base', content },
      },
      async handle(request, response, caller) {
        const { reference, created } = await reportedBases.report(
          parseInput(publishedSchema, request.body),
          caller.actor,
        );
        response.status(created ? 201 : 200);
        response.json(await status.base(reference));
      },
    },
  ];
}
