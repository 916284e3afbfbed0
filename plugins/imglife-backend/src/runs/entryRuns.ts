import type { RunKind } from '@imglife/backstage-plugin-imglife-common';
import type { DefinitionTable } from '../database/tables';
import {
  LIFECYCLE_ENTRY,
  RETENTION_ENTRY,
  SCAN_ENTRY,
} from '../definitions/declaredEntries';

/** The kind of run that does the work of a declared entry. */
export const kindOfRun: Record<DefinitionTable['kind'], RunKind> = {
  mirror: 'sync',
  verify: 'verify',
  base: 'build',
  lifecycle: 'lifecycle',
  scan: 'scan',
  retention: 'retention',
};

/** Kinds whose one entry stands for all of their work. */
export const wholeEntries: Partial<Record<DefinitionTable['kind'], string>> = {
  lifecycle: LIFECYCLE_ENTRY,
  scan: SCAN_ENTRY,
  retention: RETENTION_ENTRY,
};
