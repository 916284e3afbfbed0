import {
  imglifeImageReadPermission,
  ReportFormat,
  reportQuerySchema,
} from '@imglife/backstage-plugin-imglife-common';
import { NotAcceptableError } from './NotAcceptableError';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { StatusService } from '../status/StatusService';
import { parseInput } from './parseInput';
import type { Route } from './Route';

const formats: ReportFormat[] = [
  'text/markdown',
  'application/json',
  'text/csv',
];

/** The status report, one table per tier. */
export function reportRoutes(options: { status: StatusService }): Route[] {
  return [
    {
      method: 'get',
      path: '/v1/report',
      operationId: 'getReport',
      summary:
        'The status report, by the Accept header: all of it, or one tier with the filters of its table',
      permission: imglifeImageReadPermission,
      query: reportQuerySchema,
      responses: {
        200: {
          description: 'The report',
          content: Object.fromEntries(
            formats.map(format => [format, z.unknown()]),
          ),
        },
      },
      async handle(request, response) {
        const format = request.accepts(formats) as ReportFormat | false;
        if (!format) {
          throw new NotAcceptableError(
            `accept: the report is given as ${formats.join(', ')}`,
          );
        }
        const report = await options.status.report(
          format,
          parseInput(reportQuerySchema, request.query),
        );
        response.type(format);
        // The root compression would hold the stream back until its end
        response.set('cache-control', 'no-transform');
        await pipeline(Readable.from(report), response);
      },
    },
  ];
}
