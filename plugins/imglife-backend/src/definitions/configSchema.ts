import { failOnValues } from '@imglife/backstage-plugin-imglife-common';
import { z } from 'zod';
import { basesSchema } from './basesSchema';
import {
  aliasField,
  block,
  choiceField,
  countField,
  dayField,
  durationField,
  entityRefField,
  fileField,
  flagField,
  helperField,
  hostField,
  imageGlobField,
  listField,
  pathField,
  patternField,
  prefixField,
  rateField,
  repositoryField,
  scheduleField,
  subjectField,
  tagField,
  textField,
  urlField,
} from './fields';
import { retentionSchema } from './retentionSchema';
import { cyclesField, DAY, HOUR, MINUTE, tlsSchema } from './sharedSchemas';
import { platformField, semverField, targetTagField } from './tagFields';

/** What `tags` may choose by; one of them must be given. */
export const TAG_CHOICES = [
  'names',
  'regex',
  'semver',
  'cycles',
  'keepLast',
] as const;

function registrySchema(cwd: string) {
  return block({
    host: hostField(),
    aliases: listField(aliasField()).default([]),
    auth: block({
      username: textField().optional(),
      password: textField().optional(),
      token: textField().optional(),
      dockerConfig: z
        .literal(true, { error: 'must be true, or be left out' })
        .optional(),
      credentialHelper: helperField().optional(),
    }).optional(),
    tls: tlsSchema(cwd).optional(),
    insecure: flagField().default(false),
    concurrency: countField(1).default(6),
    requestsPerSecond: rateField().optional(),
  });
}

function hooksSchema() {
  return block({
    afterSync: listField(block({ webhook: urlField() })).default([]),
  });
}

function tagsSchema() {
  return block({
    names: listField(tagField()).default([]),
    regex: patternField().optional(),
    semver: semverField().optional(),
    exclude: z
      .union(
        [patternField().transform(one => [one]), listField(patternField())],
        {
          error: 'must be a pattern or a list of patterns (RE2)',
        },
      )
      .default([]),
    prereleases: flagField().default(false),
    minAge: durationField().optional(),
    cycles: cyclesField().default('supported'),
    keepLast: countField(1).optional(),
    per: choiceField(['cycle', 'family', 'repository']).optional(),
    atLeast: countField(1).optional(),
    targetTag: targetTagField().optional(),
  });
}

function mirrorsSchema() {
  const entry = block({
    source: repositoryField(),
    target: pathField().optional(),
    platforms: listField(platformField()).min(1).optional(),
    referrers: flagField().optional(),
    immutable: patternField().optional(),
    tags: tagsSchema(),
    lifecycle: block({
      product: pathField().optional(),
      extendedSupport: flagField().default(false),
    }).prefault({}),
    hooks: hooksSchema().optional(),
  });
  return block({
    schedule: scheduleField({ frequencyMs: HOUR, timeoutMs: 2 * HOUR }),
    verify: scheduleField({ frequencyMs: DAY, timeoutMs: 2 * HOUR }),
    defaults: block({ referrers: flagField().default(true) }).prefault({}),
    hooks: hooksSchema().prefault({}),
    entries: listField(entry).default([]),
  }).prefault({});
}

function applicationsSchema() {
  return block({
    current: block({
      per: choiceField(['repository', 'major', 'branch', 'tag']).default(
        'repository',
      ),
      maxAgeDays: countField(1).default(180),
    }).prefault({}),
    scan: block({
      schedule: scheduleField({ frequencyMs: 6 * HOUR, timeoutMs: 2 * HOUR }),
      tagsPerRepository: countField(1).default(10),
    }).prefault({}),
    mapping: block({
      schedule: scheduleField({
        frequencyMs: 5 * MINUTE,
        timeoutMs: 2 * MINUTE,
      }),
    }).prefault({}),
    subjects: listField(block({ match: subjectField() })).default([]),
    rateLimit: block({ perMinute: countField(1) }).optional(),
  }).prefault({});
}

function policySchema() {
  const exemption = block({
    image: textField().optional(),
    project: textField().optional(),
    base: textField().optional(),
    until: dayField(),
    reason: textField(),
  });
  return block({
    freshness: choiceField(['cycle', 'newest']).default('cycle'),
    warnDays: countField(0).default(30),
    graceDays: countField(0).default(0),
    failOn: listField(choiceField(failOnValues)).default([
      'withdrawn',
      'outdated',
      'rebuilt',
      'ended',
    ]),
    exemptions: listField(exemption).default([]),
  }).prefault({});
}

/**
 * The `imglife` block of app-config: shapes, and what can be said of one value
 * alone. What takes two values is said by `crossFaults`.
 *
 * @param cwd - absolute folder that relative file names start from
 */
export function createConfigSchema(cwd: string) {
  return block({
    registries: listField(registrySchema(cwd)).default([]),
    tiers: block({
      mirrors: prefixField(),
      bases: prefixField(),
      applications: listField(imageGlobField()).default([]),
    }),
    definitions: listField(
      block({
        url: urlField(),
        schedule: scheduleField({
          frequencyMs: 5 * MINUTE,
          timeoutMs: MINUTE,
        }),
      }),
    ).default([]),
    mirrors: mirrorsSchema(),
    bases: basesSchema(cwd),
    applications: applicationsSchema(),
    lifecycle: block({
      url: urlField().optional(),
      schedule: scheduleField({ frequencyMs: DAY, timeoutMs: 10 * MINUTE }),
      overridesFile: fileField(cwd).optional(),
    }).prefault({}),
    policy: policySchema(),
    notifications: block({ verdicts: flagField().default(false) }).prefault({}),
    retention: retentionSchema(),
    workers: block({
      sync: countField(1).default(4),
      build: countField(1).default(2),
    }).prefault({}),
    // read by the events module; here so that its keys are known
    webhooks: block({ secrets: listField(textField()).optional() }).optional(),
    // read by the catalog module; here so that its keys are known
    catalog: block({
      defaultOwner: entityRefField().optional(),
      namespace: textField().optional(),
      applications: choiceField(['mapped', 'all', 'none']).optional(),
    }).optional(),
  });
}

/** The `imglife` block, parsed. */
export type ImglifeConfig = z.output<ReturnType<typeof createConfigSchema>>;
