import {
  baseKinds,
  freshnessValues,
  supportValues,
} from '@imglife/backstage-plugin-imglife-common';
import { formatRepository } from '@imglife/oci';
import { z } from 'zod';
import {
  aliasField,
  block,
  choiceField,
  contextField,
  coreVersionField,
  countField,
  dayField,
  durationField,
  entityRefField,
  fileField,
  flagField,
  floatingTagField,
  helperField,
  hooksField,
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
  tagFormatField,
  textField,
  urlField,
} from './fields';
import { platformField, semverField, targetTagField } from './tagFields';
import { DEFAULT_TAG_FORMAT } from './tagFormat';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What `tags` may choose by; one of them must be given. */
export const TAG_CHOICES = [
  'names',
  'regex',
  'semver',
  'cycles',
  'keepLast',
] as const;

function tlsSchema(cwd: string) {
  return block({
    caFile: fileField(cwd).optional(),
    certFile: fileField(cwd).optional(),
    keyFile: fileField(cwd).optional(),
  });
}

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

function cyclesField() {
  return z.union([z.literal(['supported', 'all']), z.int().min(1)], {
    error: 'must be supported, all, or a whole number from 1',
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

function argumentsField() {
  return z.record(
    z
      .string()
      .regex(
        /^[A-Za-z_][A-Za-z0-9_]*$/,
        'must be a name of letters, digits and "_"',
      ),
    z.string({ error: 'must be text; put it in quotes' }),
    {
      error: issue =>
        issue.code === 'invalid_key'
          ? 'is no argument name: letters, digits and "_"'
          : 'must be a block of names with their text',
    },
  );
}

function networkField() {
  return choiceField(['default', 'none', 'host']).default('default');
}

function buildersSchema(cwd: string) {
  return block({
    buildah: block({
      command: textField().default('buildah'),
      isolation: choiceField(['chroot', 'oci', 'rootless']).default('chroot'),
      storageDriver: choiceField(['vfs', 'overlay']).default('vfs'),
      network: networkField(),
    }).prefault({}),
    docker: block({
      command: textField().default('docker'),
      host: textField().optional(),
      network: networkField(),
    }).prefault({}),
    buildkit: block({
      command: textField().default('buildctl'),
      address: textField().optional(),
      network: networkField(),
      cache: prefixField()
        .transform(name => formatRepository(name))
        .optional(),
      tls: tlsSchema(cwd).optional(),
    }).prefault({}),
  }).prefault({});
}

/** A signer's id, or several; `none` or an empty list: not signed. */
function signField() {
  return z
    .union([textField().transform(id => [id]), listField(textField())], {
      error: 'must be the id of a signer, a list of them, or none',
    })
    .transform(ids => ids.filter(id => id !== 'none'));
}

function signersSchema() {
  return block({
    cosign: block({
      command: textField().default('cosign'),
      key: textField().optional(),
      password: textField().optional(),
      recursive: flagField().default(false),
      env: argumentsField().default({}),
      args: listField(textField()).default([]),
      timeout: durationField().default(2 * MINUTE),
    }).prefault({}),
  }).prefault({});
}

/** What is attached to bases, and by whom they are signed. */
function sealFields() {
  return {
    sbom: choiceField(['none', 'cyclonedx', 'spdx']),
    provenance: flagField(),
    sign: signField(),
  };
}

function secretsField(cwd: string) {
  return listField(
    block({
      id: textField().regex(
        /^[\w.-]+$/,
        'must be letters, digits, ".", "_" and "-"',
      ),
      file: fileField(cwd),
    }),
  ).default([]);
}

function basesSchema(cwd: string) {
  const seal = sealFields();
  const entry = block({
    name: pathField(),
    kind: choiceField(baseKinds).default('core'),
    coreVersion: coreVersionField().optional(),
    tagFormat: tagFormatField().optional(),
    floatingTags: listField(floatingTagField()).optional(),
    builder: textField().optional(),
    from: block({
      mirror: pathField().optional(),
      base: pathField().optional(),
      tag: tagField().optional(),
      track: choiceField(['latest-per-cycle', 'latest', 'all']).optional(),
      cycles: cyclesField().optional(),
    }),
    context: contextField(cwd).optional(),
    template: textField().optional(),
    args: argumentsField().default({}),
    owner: entityRefField().optional(),
    sbom: seal.sbom.optional(),
    provenance: seal.provenance.optional(),
    sign: seal.sign.optional(),
  });
  return block({
    coreVersion: coreVersionField().default('1.0.0'),
    tagFormat: tagFormatField().default(DEFAULT_TAG_FORMAT),
    floatingTags: listField(floatingTagField()).default([]),
    builder: textField().default('embedded'),
    builders: buildersSchema(cwd),
    secrets: secretsField(cwd),
    sbom: seal.sbom.default('none'),
    provenance: seal.provenance.default(false),
    sign: seal.sign.default([]),
    signers: signersSchema(),
    concurrency: countField(1).default(2),
    schedule: scheduleField({ frequencyMs: 15 * MINUTE, timeoutMs: HOUR }),
    owner: entityRefField().optional(),
    hooks: block({ afterBuild: hooksField() }).prefault({}),
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
    failOn: listField(
      choiceField([...new Set([...freshnessValues, ...supportValues])]),
    ).default(['withdrawn', 'outdated', 'rebuilt', 'ended']),
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
