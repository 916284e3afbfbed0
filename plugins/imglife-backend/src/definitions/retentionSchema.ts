import {
  block,
  choiceField,
  countField,
  listField,
  patternField,
  prefixField,
  scheduleField,
  textField,
} from './fields';
import { DAY, HOUR } from './sharedSchemas';

function archiveSchema() {
  return block({
    to: prefixField(),
    keepDays: countField(1).default(90),
  });
}

/** What may be kept, in the tier and for single images of it. */
function tierSchema() {
  return block({
    keepLast: countField(1),
    per: choiceField(['cycle', 'family']).default('cycle'),
    maxAgeDays: countField(1),
    protect: listField(patternField()).default([]),
    archive: archiveSchema().optional(),
    overrides: listField(
      block({
        image: textField(),
        keepLast: countField(1).optional(),
        per: choiceField(['cycle', 'family']).optional(),
        maxAgeDays: countField(1).optional(),
        protect: listField(patternField()).optional(),
        archive: archiveSchema().optional(),
      }),
    ).default([]),
  });
}

/**
 * The block `retention`. Both limits of a tier have no default: nothing is
 * deleted that nobody has put a number to.
 */
export function retentionSchema() {
  return block({
    schedule: scheduleField({ frequencyMs: DAY, timeoutMs: 2 * HOUR }),
    mirrors: tierSchema().optional(),
    bases: tierSchema().optional(),
    applications: tierSchema().optional(),
  }).prefault({});
}
