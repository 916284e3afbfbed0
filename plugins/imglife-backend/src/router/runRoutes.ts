import type { Response } from 'express';
import {
  imglifeImageReadPermission,
  imglifeRetentionRunPermission,
  imglifeRunCancelPermission,
  imglifeRunCreatePermission,
  pageSchema,
  runQuerySchema,
  runRequestSchema,
  runSchema,
} from '@imglife/backstage-plugin-imglife-common';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { RunService } from '../runs/RunService';
import { parseInput } from './parseInput';
import type { Route } from './Route';

const FOLLOW_MS = 1_000;
const logQuerySchema = z.strictObject({ follow: z.boolean().optional() });

/** Runs: start, watch, stop. */
export function runRoutes(options: { runs: RunService }): Route[] {
  const { runs } = options;
  const ended = { 'application/json': runSchema };
  return [
    {
      method: 'post',
      path: '/v1/runs',
      operationId: 'startRun',
      summary: 'Queue a run; one of kind retention needs imglife.retention.run',
      permission: imglifeRunCreatePermission,
      byBody: {
        others: [imglifeRetentionRunPermission],
        permissionOf: body =>
          parseInput(runRequestSchema, body).kind === 'retention'
            ? imglifeRetentionRunPermission
            : imglifeRunCreatePermission,
      },
      body: runRequestSchema,
      responses: {
        202: {
          description: 'Queued; a repeat of a waiting run answers that one',
          content: {
            'application/json': z.strictObject({ id: z.string() }),
          },
        },
      },
      async handle(request, response, caller) {
        const body = parseInput(runRequestSchema, request.body);
        const by = { trigger: 'user' as const, actor: caller.actor };
        response.status(202).json(await runs.start(body, by));
      },
    },
    {
      method: 'get',
      path: '/v1/runs',
      operationId: 'listRuns',
      summary: 'Runs, newest first; items are given by /v1/runs/{id}',
      permission: imglifeImageReadPermission,
      query: runQuerySchema,
      responses: {
        200: {
          description: 'One page',
          content: { 'application/json': pageSchema(runSchema) },
        },
      },
      async handle(request, response) {
        const query = parseInput(runQuerySchema, request.query);
        response.json(await runs.list(query));
      },
    },
    {
      method: 'get',
      path: '/v1/runs/{id}',
      operationId: 'getRun',
      summary: 'One run with its items',
      permission: imglifeImageReadPermission,
      responses: { 200: { description: 'The run', content: ended } },
      async handle(request, response) {
        response.json(await runs.get(request.params.id));
      },
    },
    {
      method: 'get',
      path: '/v1/runs/{id}/log',
      operationId: 'getRunLog',
      summary: 'The log as text; with follow=true until the run has ended',
      permission: imglifeImageReadPermission,
      query: logQuerySchema,
      responses: {
        200: { description: 'The log', content: { 'text/plain': z.string() } },
      },
      async handle(request, response) {
        const { follow } = parseInput(logQuerySchema, request.query);
        await runs.get(request.params.id);
        await streamLog(runs, request.params.id, Boolean(follow), response);
      },
    },
    {
      method: 'post',
      path: '/v1/runs/{id}/cancel',
      operationId: 'cancelRun',
      summary: 'Stop a run; one that has ended stays as it is',
      permission: imglifeRunCancelPermission,
      responses: {
        202: {
          description: 'Asked to stop',
          content: {
            'application/json': z.strictObject({ state: z.string() }),
          },
        },
      },
      async handle(request, response) {
        const state = await runs.cancel(request.params.id);
        response.status(202).json({ state });
      },
    },
  ];
}

async function streamLog(
  runs: RunService,
  id: string,
  follow: boolean,
  response: Response,
): Promise<void> {
  response.type('text/plain');
  // The root compression would hold the stream back until its end
  response.set('cache-control', 'no-transform');
  response.flushHeaders();
  let after = 0;
  while (!response.destroyed) {
    // Asked before the lines are read, so that the last lines are not missed
    const { state } = await runs.get(id);
    const lines = await runs.readLog(id, after);
    for (const line of lines) {
      response.write(`${line.at} ${line.text}\n`);
      after = line.id;
    }
    const open = state === 'queued' || state === 'running';
    if (!lines.length && !(follow && open)) {
      break;
    }
    if (!lines.length) {
      await sleep(FOLLOW_MS);
    }
  }
  response.end();
}
