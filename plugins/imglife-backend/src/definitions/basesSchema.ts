import { baseKinds } from '@imglife/backstage-plugin-imglife-common';
import { formatRepository } from '@imglife/oci';
import { z } from 'zod';
import {
  block,
  choiceField,
  contextField,
  coreVersionField,
  countField,
  durationField,
  entityRefField,
  fileField,
  flagField,
  floatingTagField,
  listField,
  pathField,
  prefixField,
  scheduleField,
  tagField,
  tagFormatField,
  textField,
} from './fields';
import { hooksField } from './hookFields';
import { cyclesField, HOUR, MINUTE, tlsSchema } from './sharedSchemas';
import { DEFAULT_TAG_FORMAT } from './tagFormat';

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

/** A program in the image and its arguments; an empty list: none. */
function smokeField() {
  return listField(textField());
}

function compressionField() {
  return choiceField(['gzip', 'zstd']);
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

/** The `bases` block. */
export function basesSchema(cwd: string) {
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
    compression: compressionField().optional(),
    owner: entityRefField().optional(),
    sbom: seal.sbom.optional(),
    provenance: seal.provenance.optional(),
    sign: seal.sign.optional(),
    smoke: smokeField().optional(),
  });
  return block({
    coreVersion: coreVersionField().default('1.0.0'),
    tagFormat: tagFormatField().default(DEFAULT_TAG_FORMAT),
    floatingTags: listField(floatingTagField()).default([]),
    builder: textField().default('embedded'),
    builders: buildersSchema(cwd),
    secrets: secretsField(cwd),
    compression: compressionField().default('gzip'),
    sbom: seal.sbom.default('none'),
    provenance: seal.provenance.default(false),
    sign: seal.sign.default([]),
    signers: signersSchema(),
    smoke: smokeField().default([]),
    smokeTimeout: durationField().default(2 * MINUTE),
    concurrency: countField(1).default(2),
    schedule: scheduleField({ frequencyMs: 15 * MINUTE, timeoutMs: HOUR }),
    owner: entityRefField().optional(),
    hooks: block({ afterBuild: hooksField() }).prefault({}),
    entries: listField(entry).default([]),
  }).prefault({});
}
