import type {
  ApplicationRow,
  BaseRow,
  EntityImages,
  ImglifeApi,
  MirrorRow,
  Page,
  Run,
  RunRequest,
  Summary,
  TierQuery,
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
        (!query.status || row.status === query.status),
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
