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
import type { AcceptRequest } from '../schemas/mirrors';
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
import type { RestoreRequest } from '../schemas/retention';
import type { Run, RunQuery, RunRequest } from '../schemas/runs';

/** The forms of `GET /v1/report`. @public */
export type ReportFormat = 'text/markdown' | 'application/json' | 'text/csv';

/** Options of every call. @public */
export interface RequestOptions {
  /** Aborts the call. */
  signal?: AbortSignal;
}

/**
 * The HTTP interface of the backend plugin as a program uses it. Every method
 * throws {@link ImglifeResponseError} for an answer that is no success.
 *
 * @public
 */
export interface ImglifeApi {
  getSummary(options?: RequestOptions): Promise<Summary>;
  listMirrors(
    query?: TierQuery,
    options?: RequestOptions,
  ): Promise<Page<MirrorRow>>;
  listBases(
    query?: TierQuery,
    options?: RequestOptions,
  ): Promise<Page<BaseRow>>;
  listApplications(
    query?: TierQuery,
    options?: RequestOptions,
  ): Promise<Page<ApplicationRow>>;
  check(query: CheckQuery, options?: RequestOptions): Promise<Verdict>;
  register(
    registration: Registration,
    options?: RequestOptions,
  ): Promise<RegistrationAnswer>;
  /** At most 200 items; each is answered on its own, in their order. */
  registerBatch(
    batch: RegistrationBatch,
    options?: RequestOptions,
  ): Promise<RegistrationBatchAnswer>;
  /**
   * Forgets a registered image; its history stays.
   *
   * @param image - its reference with the tag
   */
  forget(image: string, options?: RequestOptions): Promise<void>;
  getLineage(query: LineageQuery, options?: RequestOptions): Promise<Lineage>;
  getAdoption(
    query?: AdoptionQuery,
    options?: RequestOptions,
  ): Promise<Adoption>;
  /** Pulls, builds, registrations and removals of a repository, newest first. */
  getHistory(
    query: HistoryQuery,
    options?: RequestOptions,
  ): Promise<Page<HistoryEntry>>;
  listTransitions(
    query?: TransitionQuery,
    options?: RequestOptions,
  ): Promise<Page<Transition>>;
  getEntityImages(
    entity: { kind: string; namespace: string; name: string },
    options?: RequestOptions,
  ): Promise<EntityImages>;
  /** @param options - `query` names a tier, and the filters of its table */
  getReport(
    format: ReportFormat,
    options?: RequestOptions & { query?: ReportQuery },
  ): Promise<string>;
  /**
   * What bases are built from, as a tar archive; its first file, `export.json`,
   * holds `items` as those of a run.
   */
  exportBases(
    query?: ExportQuery,
    options?: RequestOptions,
  ): Promise<ReadableStream<Uint8Array>>;
  /** Reports a base that was built outside the portal and pushed. */
  reportPublished(
    request: PublishedRequest,
    options?: RequestOptions,
  ): Promise<BaseRow>;
  /** Takes a bad base back. */
  withdrawBase(
    request: WithdrawRequest,
    options?: RequestOptions,
  ): Promise<BaseRow>;
  /** Accepts what upstream has now; answers the run that copies it. */
  acceptMovedTag(
    request: AcceptRequest,
    options?: RequestOptions,
  ): Promise<{ id: string }>;
  startRun(
    request: RunRequest,
    options?: RequestOptions,
  ): Promise<{ id: string }>;
  /**
   * Queues the run that brings an image back from the archive.
   *
   * @returns the id of the run
   */
  restore(
    request: RestoreRequest,
    options?: RequestOptions,
  ): Promise<{ id: string }>;
  getRun(id: string, options?: RequestOptions): Promise<Run>;
  listRuns(query?: RunQuery, options?: RequestOptions): Promise<Page<Run>>;
  getRunLog(id: string, options?: RequestOptions): Promise<string>;
  /**
   * Lines of a run's log as they are written, until the run has ended. A
   * connection that breaks ends it with an error.
   */
  followRunLog(id: string, options?: RequestOptions): AsyncIterable<string>;
  cancelRun(id: string, options?: RequestOptions): Promise<void>;
}
