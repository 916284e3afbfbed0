import type {
  ApplicationRow,
  BaseRow,
  CheckQuery,
  EntityImages,
  MirrorRow,
  Page,
  RegistrationAnswer,
  ReportFormat,
  Summary,
  TierQuery,
  Verdict,
} from '@imglife/backstage-plugin-imglife-common';

/** What is known of the tiers, joined: rows, verdicts and the report. */
export interface StatusService {
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
  /** The status report, in pieces. */
  report(format: ReportFormat): AsyncIterable<string>;
}
