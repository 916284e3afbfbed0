import type { RunKind } from '@imglife/backstage-plugin-imglife-common';
import type { Definitions } from '../definitions/Definitions';
import { retentionTargets } from '../retention/retainedImages';

/**
 * What a run of each kind may be about. Read when asked for: definitions may
 * change while the plugin runs.
 */
export function targetsOf(
  definitions: Definitions,
): Readonly<Record<RunKind, string[] | 'any'>> {
  return {
    get sync() {
      return definitions.mirrors.entries.map(entry => entry.name);
    },
    get build() {
      return definitions.bases.entries.map(entry => entry.name);
    },
    get verify() {
      return definitions.mirrors.entries.map(entry => entry.name);
    },
    get retention() {
      return retentionTargets(definitions);
    },
    // the service of restores knows what there is
    restore: 'any',
    lifecycle: [],
    scan: [],
  };
}

/** As {@link targetsOf}, the time limit of one run of each kind in milliseconds. */
export function timeoutsOf(
  definitions: Definitions,
): Readonly<Record<RunKind, number>> {
  return {
    get sync() {
      return definitions.mirrors.schedule.timeoutMs;
    },
    get verify() {
      return definitions.mirrors.verify.timeoutMs;
    },
    get build() {
      return definitions.bases.schedule.timeoutMs;
    },
    get scan() {
      return definitions.applications.scan.schedule.timeoutMs;
    },
    get lifecycle() {
      return definitions.lifecycle.schedule.timeoutMs;
    },
    get retention() {
      return definitions.retention.schedule.timeoutMs;
    },
    get restore() {
      return definitions.retention.schedule.timeoutMs;
    },
  };
}
