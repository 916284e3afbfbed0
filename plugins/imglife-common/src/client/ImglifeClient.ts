import type { CheckQuery, ReportQuery, TierQuery } from '../schemas/queries';
import type { Adoption, AdoptionQuery } from '../schemas/adoption';
import type {
  ExportQuery,
  PublishedRequest,
  WithdrawRequest,
} from '../schemas/bases';
import type { HistoryEntry, HistoryQuery } from '../schemas/history';
import type {
  Lineage,
  LineageQuery,
  Transition,
  TransitionQuery,
} from '../schemas/lineage';
import type {
  Registration,
  RegistrationAnswer,
  RegistrationBatch,
  RegistrationBatchAnswer,
} from '../schemas/registrations';
import type {
  ApplicationRow,
  BaseRow,
  EntityImages,
  MirrorRow,
  Page,
  Summary,
  Verdict,
} from '../schemas/rows';
import type { AcceptRequest } from '../schemas/mirrors';
import type { RestoreRequest } from '../schemas/retention';
import type { Run, RunQuery, RunRequest } from '../schemas/runs';
import type { ImglifeApi, ReportFormat, RequestOptions } from './ImglifeApi';
import { ImglifeResponseError } from './ImglifeResponseError';

type Query = Record<string, string | number | boolean | undefined>;

/**
 * {@link ImglifeApi} over `fetch`; serves the browser, other backends and the
 * command line alike.
 *
 * @public
 */
export class ImglifeClient implements ImglifeApi {
  readonly #fetch: typeof fetch;
  readonly #baseUrl: () => Promise<string>;

  /**
   * @param options - `baseUrl` gives the plugin's address, such as
   *   `https://portal.example.com/api/imglife`; `fetch` adds the credentials
   */
  constructor(options: {
    baseUrl: () => Promise<string>;
    fetch: typeof fetch;
  }) {
    this.#fetch = options.fetch;
    this.#baseUrl = options.baseUrl;
  }

  async getSummary(options?: RequestOptions): Promise<Summary> {
    return this.#json('/v1/summary', undefined, options);
  }

  async listMirrors(query?: TierQuery, options?: RequestOptions) {
    return this.#json<Page<MirrorRow>>('/v1/mirrors', query, options);
  }

  async listBases(query?: TierQuery, options?: RequestOptions) {
    return this.#json<Page<BaseRow>>('/v1/bases', query, options);
  }

  async listApplications(query?: TierQuery, options?: RequestOptions) {
    return this.#json<Page<ApplicationRow>>('/v1/applications', query, options);
  }

  async check(query: CheckQuery, options?: RequestOptions): Promise<Verdict> {
    return this.#json('/v1/check', query, options);
  }

  async register(
    registration: Registration,
    options?: RequestOptions,
  ): Promise<RegistrationAnswer> {
    return this.#post('/v1/registrations', registration, options);
  }

  async registerBatch(
    batch: RegistrationBatch,
    options?: RequestOptions,
  ): Promise<RegistrationBatchAnswer> {
    return this.#post('/v1/registrations/batch', batch, options);
  }

  async forget(image: string, options?: RequestOptions): Promise<void> {
    await this.#request(
      '/v1/registrations',
      { image },
      { method: 'DELETE', signal: options?.signal },
    );
  }

  async getLineage(
    query: LineageQuery,
    options?: RequestOptions,
  ): Promise<Lineage> {
    return this.#json('/v1/images/lineage', query, options);
  }

  async getAdoption(
    query?: AdoptionQuery,
    options?: RequestOptions,
  ): Promise<Adoption> {
    return this.#json('/v1/adoption', query, options);
  }

  async getHistory(query: HistoryQuery, options?: RequestOptions) {
    return this.#json<Page<HistoryEntry>>('/v1/images/history', query, options);
  }

  async listTransitions(query?: TransitionQuery, options?: RequestOptions) {
    return this.#json<Page<Transition>>('/v1/transitions', query, options);
  }

  async getEntityImages(
    entity: { kind: string; namespace: string; name: string },
    options?: RequestOptions,
  ): Promise<EntityImages> {
    const path = [entity.kind, entity.namespace, entity.name]
      .map(part => encodeURIComponent(part.toLocaleLowerCase('en-US')))
      .join('/');
    return this.#json(`/v1/entities/${path}`, undefined, options);
  }

  async getReport(
    format: ReportFormat,
    options?: RequestOptions & { query?: ReportQuery },
  ): Promise<string> {
    const response = await this.#request('/v1/report', options?.query, {
      signal: options?.signal,
      headers: { accept: format },
    });
    return response.text();
  }

  async exportBases(
    query?: ExportQuery,
    options?: RequestOptions,
  ): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#request('/v1/bases/export', query, {
      signal: options?.signal,
      headers: { accept: 'application/x-tar' },
    });
    return response.body ?? new ReadableStream({ start: c => c.close() });
  }

  async reportPublished(
    request: PublishedRequest,
    options?: RequestOptions,
  ): Promise<BaseRow> {
    return this.#post('/v1/bases/published', request, options);
  }

  async withdrawBase(
    request: WithdrawRequest,
    options?: RequestOptions,
  ): Promise<BaseRow> {
    return this.#post('/v1/bases/withdraw', request, options);
  }

  async startRun(
    request: RunRequest,
    options?: RequestOptions,
  ): Promise<{ id: string }> {
    return this.#post('/v1/runs', request, options);
  }

  async restore(
    request: RestoreRequest,
    options?: RequestOptions,
  ): Promise<{ id: string }> {
    return this.#post('/v1/retention/restore', request, options);
  }

  async getRun(id: string, options?: RequestOptions): Promise<Run> {
    return this.#json(`/v1/runs/${encodeURIComponent(id)}`, undefined, options);
  }

  async acceptMovedTag(
    request: AcceptRequest,
    options?: RequestOptions,
  ): Promise<{ id: string }> {
    return this.#post('/v1/mirrors/accept', request, options);
  }

  async listRuns(query?: RunQuery, options?: RequestOptions) {
    return this.#json<Page<Run>>('/v1/runs', query, options);
  }

  async getRunLog(id: string, options?: RequestOptions): Promise<string> {
    const response = await this.#request(
      `/v1/runs/${encodeURIComponent(id)}/log`,
      undefined,
      { signal: options?.signal },
    );
    return response.text();
  }

  async *followRunLog(
    id: string,
    options?: RequestOptions,
  ): AsyncIterable<string> {
    const response = await this.#request(
      `/v1/runs/${encodeURIComponent(id)}/log`,
      { follow: true },
      { signal: options?.signal },
    );
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    let rest = '';
    try {
      for (;;) {
        const read = await reader?.read();
        if (!read || read.done) {
          break;
        }
        rest += decoder.decode(read.value, { stream: true });
        const lines = rest.split('\n');
        rest = lines.pop()!;
        yield* lines;
      }
    } finally {
      await reader?.cancel().catch(() => {});
    }
    if (rest) {
      yield rest;
    }
  }

  async cancelRun(id: string, options?: RequestOptions): Promise<void> {
    await this.#request(
      `/v1/runs/${encodeURIComponent(id)}/cancel`,
      undefined,
      { method: 'POST', signal: options?.signal },
    );
  }

  async #json<T>(
    path: string,
    query?: Query,
    options?: RequestOptions,
  ): Promise<T> {
    const response = await this.#request(path, query, {
      signal: options?.signal,
    });
    return jsonOf<T>(response);
  }

  async #post<T>(
    path: string,
    body: unknown,
    options?: RequestOptions,
  ): Promise<T> {
    const response = await this.#request(path, undefined, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
      signal: options?.signal,
    });
    return jsonOf<T>(response);
  }

  async #request(
    path: string,
    query: Query | undefined,
    init: RequestInit,
  ): Promise<Response> {
    const params = new URLSearchParams();
    for (const [key, value] of Object.entries(query ?? {})) {
      if (value !== undefined) {
        params.set(key, String(value));
      }
    }
    const suffix = params.size ? `?${params}` : '';
    const url = `${await this.#baseUrl()}${path}${suffix}`;
    const response = await this.#fetch(url, init);
    if (!response.ok) {
      throw await ImglifeResponseError.fromResponse(response);
    }
    return response;
  }
}

/** @throws ImglifeResponseError - a sign-in page or the like has answered */
async function jsonOf<T>(response: Response): Promise<T> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new ImglifeResponseError(
      `no JSON but ${
        response.headers.get('content-type') ?? 'something else'
      }: is this the address of the backend, and no sign-in page before it?`,
      response.status,
    );
  }
}
