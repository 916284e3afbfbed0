import type {
  BackstageCredentials,
  BackstagePrincipalTypes,
} from '@backstage/backend-plugin-api';
import type { BasicPermission } from '@backstage/plugin-permission-common';
import type { Request, Response } from 'express';
import type { z } from 'zod';

/** Who asks, as recorded: a user's entity reference, or a service's subject. */
export interface Caller {
  credentials: BackstageCredentials<BackstagePrincipalTypes['unknown']>;
  actor: string;
}

/** One answer of a route, for the OpenAPI document. */
export interface RouteResponse {
  description: string;
  /** content by media type; a string schema stands for text */
  content?: Record<string, z.ZodType>;
}

/** One route: what it needs, takes and gives, and what it does. */
export interface Route {
  method: 'get' | 'post' | 'delete';
  /** as in OpenAPI, such as `/v1/runs/{id}` */
  path: string;
  operationId: string;
  summary: string;
  permission: BasicPermission;
  /**
   * Where the body says which permission is needed, that of a body; `permission`
   * and these others are what it may be. Whoever has none of them is refused
   * before the body is read.
   */
  byBody?: {
    others: BasicPermission[];
    permissionOf(body: unknown): BasicPermission;
  };
  query?: z.ZodObject;
  body?: z.ZodType;
  responses: Record<number, RouteResponse>;
  /** Runs after authorization and validation. */
  handle(request: Request, response: Response, caller: Caller): Promise<void>;
}
