import type {
  Adoption,
  AdoptionQuery,
  ApplicationRow,
  BaseRow,
  CheckQuery,
  EntityImages,
  HistoryEntry,
  HistoryQuery,
  Lineage,
  LineageQuery,
  MirrorRow,
  Page,
  RegistrationAnswer,
  ReportFormat,
  ReportQuery,
  Summary,
  TierQuery,
  Transition,
  TransitionQuery,
  Verdict,
} from '@imglife/backstage-plugin-imglife-common';

/** What is known of the tiers, joined: rows, verdicts and the report. */
export interface StatusService {
  /**
   * One row of the bases table.
   *
   * @param reference - `host/path:tag`
   * @throws NotFoundError - there is no such row
   */
  base(reference: string): Promise<BaseRow>;
  /** Counts per tier and status; at most 10 s old. */
  summary(): Promise<Summary>;
  /** @throws InputError - a cursor or order that this table does not have */
  listMirrors(query: TierQuery): Promise<Page<MirrorRow>>;
  /** @throws InputError - a cursor or order that this table does not have */
  listBases(query: TierQuery): Promise<Page<BaseRow>>;
  /** @throws InputError - a cursor or order that this table does not have */
  listApplications(query: TierQuery): Promise<Page<ApplicationRow>>;
  /** @throws InputError - the base is no reference */
  check(query: CheckQuery): Promise<Verdict>;
  /** Images of an entity, worst first, and the rows they stand on. */
  entityImages(entityRef: string): Promise<EntityImages>;
  /**
   * The stored row of an application and its verdict.
   *
   * @param reference - `host/path:tag`
   * @throws NotFoundError - it is not registered
   */
  registrationAnswer(reference: string): Promise<RegistrationAnswer>;
  /**
   * What an image is built on, and what is built on it.
   *
   * @throws InputError - no reference, or a cursor that is none of this list's
   * @throws NotFoundError - no tier knows the image
   */
  lineage(query: LineageQuery): Promise<Lineage>;
  /** Current applications per base and cycle, now (at most 10 s ago) and over time. */
  adoption(query: AdoptionQuery): Promise<Adoption>;
  /**
   * Changes of verdicts, newest first.
   *
   * @throws InputError - no reference, or a cursor that is none of this list's
   */
  transitions(query: TransitionQuery): Promise<Page<Transition>>;
  /**
   * What happened to the tags of a repository, newest first.
   *
   * @throws InputError - no repository, or a cursor that is none of this list's
   */
  history(query: HistoryQuery): Promise<Page<HistoryEntry>>;
  /**
   * The status report, in pieces.
   *
   * @throws InputError - a filter or order that the tier does not have
   */
  report(
    format: ReportFormat,
    query: ReportQuery,
  ): Promise<AsyncIterable<string>>;
}
