import type {
  Adoption,
  AcceptRequest,
  ApplicationRow,
  BaseRow,
  EntityImages,
  HistoryEntry,
  HistoryQuery,
  ImglifeApi,
  Lineage,
  LineageQuery,
  MirrorRow,
  Page,
  ReportFormat,
  ReportQuery,
  Run,
  RunQuery,
  RunRequest,
  Summary,
  TierQuery,
  Transition,
  TransitionQuery,
  WithdrawRequest,
} from '@imglife/backstage-plugin-imglife-common';
import { summary } from './rows';

/**
 * The backend as the pages see it: pages by cursor, answers what it is told,
 * fails when it is told to, and remembers what it was asked.
 */
export class FakeImglifeApi implements Partial<ImglifeApi> {
  mirrors: MirrorRow[] = [];
  bases: BaseRow[] = [];
  applications: ApplicationRow[] = [];
  entityImages: EntityImages | undefined;
  failure: Error | undefined;
  run: Run | undefined;
  summaryAnswer: Summary = summary;
  lineage: Lineage | undefined;
  history: HistoryEntry[] = [];
  readonly histories: HistoryQuery[] = [];
  readonly lineages: LineageQuery[] = [];
  readonly reports: Array<{ format: ReportFormat; query?: ReportQuery }> = [];
  readonly accepted: AcceptRequest[] = [];
  readonly withdrawn: WithdrawRequest[] = [];
  readonly queries: TierQuery[] = [];
  readonly runs: RunRequest[] = [];
  adoption: Pick<Adoption, 'items'> = { items: [] };
  runRows: Run[] = [];
  changes: Transition[] = [];
  /** lines of the log; it breaks off where one is an error */
  log: Array<string | Error> = [];
  readonly activityQueries: Array<RunQuery | TransitionQuery> = [];
  readonly cancelled: string[] = [];

  async getSummary() {
    return this.summaryAnswer;
  }

  async listMirrors(query: TierQuery = {}) {
    return this.#page(this.mirrors, query);
  }

  async listBases(query: TierQuery = {}) {
    return this.#page(this.bases, query);
  }

  async listApplications(query: TierQuery = {}) {
    return this.#page(this.applications, query);
  }

  async getEntityImages() {
    this.#mayFail();
    return this.entityImages!;
  }

  async getLineage(query: LineageQuery) {
    this.#mayFail();
    this.lineages.push(query);
    return this.lineage!;
  }

  async getHistory(query: HistoryQuery): Promise<Page<HistoryEntry>> {
    this.#mayFail();
    this.histories.push(query);
    const { limit = 50, cursor = '0', tag, kind, repository } = query;
    const found = this.history.filter(
      entry =>
        entry.repository === repository &&
        (tag === undefined || entry.tag === tag) &&
        (kind === undefined || entry.kind === kind),
    );
    const end = Number(cursor) + limit;
    return {
      items: found.slice(Number(cursor), end),
      totalItems: found.length,
      pageInfo: end < found.length ? { nextCursor: String(end) } : {},
    };
  }

  async getReport(format: ReportFormat, options?: { query?: ReportQuery }) {
    this.#mayFail();
    this.reports.push({ format, query: options?.query });
    return 'the report';
  }

  async acceptMovedTag(request: AcceptRequest) {
    this.#mayFail();
    this.accepted.push(request);
    return { id: 'run-1' };
  }

  async withdrawBase(request: WithdrawRequest) {
    this.#mayFail();
    this.withdrawn.push(request);
    return this.bases[0];
  }

  async startRun(request: RunRequest) {
    this.#mayFail();
    this.runs.push(request);
    return { id: 'run-1' };
  }

  async getRun() {
    return this.run!;
  }

  async getAdoption(): Promise<Adoption> {
    this.#mayFail();
    const at = '2026-11-29T00:00:00.000Z';
    return { at, totalApplications: 0, history: [], ...this.adoption };
  }

  async listRuns(query: RunQuery = {}) {
    this.activityQueries.push(query);
    this.#mayFail();
    return sliced(
      this.runRows.filter(
        run =>
          (!query.kind || run.kind === query.kind) &&
          (!query.state || run.state === query.state),
      ),
      query,
    );
  }

  async listTransitions(query: TransitionQuery = {}) {
    this.activityQueries.push(query);
    this.#mayFail();
    return sliced(this.changes, query);
  }

  async *followRunLog() {
    for (const line of this.log) {
      if (line instanceof Error) {
        throw line;
      }
      yield line;
    }
  }

  async cancelRun(id: string) {
    this.#mayFail();
    this.cancelled.push(id);
  }

  #page<Row extends { reference: string; status: string }>(
    rows: Row[],
    query: TierQuery,
  ): Page<Row> {
    this.queries.push(query);
    this.#mayFail();
    const found = rows.filter(
      row =>
        row.reference.includes(query.search ?? '') &&
        (!query.status || row.status === query.status) &&
        (!query.reference || row.reference === query.reference),
    );
    return sliced(found, query);
  }

  #mayFail() {
    if (this.failure) {
      throw this.failure;
    }
  }
}

function sliced<Row>(
  rows: Row[],
  query: { limit?: number; cursor?: string },
): Page<Row> {
  const limit = query.limit ?? 50;
  const start = Number(query.cursor ?? 0);
  return {
    items: rows.slice(start, start + limit),
    totalItems: rows.length,
    pageInfo: {
      ...(start + limit < rows.length && { nextCursor: String(start + limit) }),
      ...(start > 0 && { prevCursor: String(start - limit) }),
    },
  };
}
