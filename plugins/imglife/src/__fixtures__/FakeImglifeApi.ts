import type {
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
  RunRequest,
  Summary,
  TierQuery,
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
    const limit = query.limit ?? 50;
    const start = Number(query.cursor ?? 0);
    return {
      items: found.slice(start, start + limit),
      totalItems: found.length,
      pageInfo: {
        ...(start + limit < found.length && {
          nextCursor: String(start + limit),
        }),
        ...(start > 0 && { prevCursor: String(start - limit) }),
      },
    };
  }

  #mayFail() {
    if (this.failure) {
      throw this.failure;
    }
  }
}
