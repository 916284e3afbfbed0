import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { z } from 'zod';
import { cycloneDx } from './cycloneDx';
import type { ImageInventory } from './ImageInventory';
import { imagePurl } from './imagePurl';
import { provenance } from './provenance';
import { spdx } from './spdx';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const BASE_DIGEST = `sha256:${'b'.repeat(64)}`;
const LAYER = `sha256:${'c'.repeat(64)}`;

const inventory: ImageInventory = {
  name: 'alpine',
  repository: 'registry.example.com:5000/bases/alpine',
  tag: '3.21.3-core1.0.0',
  platform: 'linux/arm/v7',
  digest: DIGEST,
  created: '2026-01-02T03:04:05.678Z',
  base: {
    repository: 'registry.example.com:5000/mirrors/alpine',
    tag: '3.21.3',
    digest: BASE_DIGEST,
  },
  files: ['/etc/motd', '/usr/share/a b.json'].map(path => ({
    path,
    size: 1,
    sha1: '1'.repeat(40),
    sha256: '2'.repeat(64),
    layer: LAYER,
  })),
  distribution: { id: 'alpine', version: '3.21.3', name: 'Alpine Linux v3.21' },
  packages: [
    {
      type: 'apk',
      name: 'libstdc++',
      version: '14.2.0-r4',
      architecture: 'armv7',
      licence: 'GPL-2.0-or-later AND LGPL-2.1-or-later',
      source: { name: 'gcc' },
    },
    { type: 'apk', name: 'musl', version: '1.2.5-r9', licence: 'MIT' },
    { type: 'apk', name: 'odd', version: '1', licence: 'custom & more' },
    { type: 'apk', name: 'plain', version: '1' },
  ],
  unread: [],
};
const PURLS = [
  'libstdc%2B%2B@14.2.0-r4?arch=armv7&distro=alpine-3.21.3&upstream=gcc',
  'musl@1.2.5-r9?distro=alpine-3.21.3',
  'odd@1?distro=alpine-3.21.3',
  'plain@1?distro=alpine-3.21.3',
].map(each => `pkg:apk/alpine/${each}`);
const PURL =
  `pkg:oci/alpine@sha256:${'a'.repeat(64)}?arch=arm%2Fv7` +
  '&repository_url=registry.example.com%3A5000%2Fbases%2Falpine&tag=3.21.3-core1.0.0';

/** An official schema, as the package brings them. */
function officialSchema(name: string): object {
  const file = resolvePackagePath(
    '@cyclonedx/cyclonedx-library',
    `res/schema/${name}.SNAPSHOT.schema.json`,
  );
  return JSON.parse(readFileSync(file, 'utf8'));
}

function cycloneDxFaults(document: object) {
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
  addFormats(ajv);
  ajv.addFormat('iri-reference', true);
  ajv.addFormat('idn-email', true);
  ['jsf-0.82', 'spdx', 'cryptography-defs'].forEach(name =>
    ajv.addSchema(
      officialSchema(name),
      // as bom-1.6 names them
      `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`,
    ),
  );
  const validate = ajv.compile(officialSchema('bom-1.6'));
  validate(document);
  return validate.errors;
}

const id = z.string().regex(/^SPDXRef-[a-zA-Z0-9.-]+$/);
const licence = z.literal('NOASSERTION');
/** SPDX 2.3, clauses 6 to 11, as far as they are used. */
const spdxSchema = z.strictObject({
  spdxVersion: z.literal('SPDX-2.3'),
  dataLicense: z.literal('CC0-1.0'),
  SPDXID: z.literal('SPDXRef-DOCUMENT'),
  name: z.string().min(1),
  documentNamespace: z.url().refine(uri => !uri.includes('#')),
  creationInfo: z.strictObject({
    created: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    creators: z.array(z.string().regex(/^(Tool|Organization): ./)).min(1),
  }),
  packages: z.array(
    z.strictObject({
      SPDXID: id,
      name: z.string(),
      versionInfo: z.string(),
      summary: z.string().optional(),
      primaryPackagePurpose: z
        .enum(['CONTAINER', 'OPERATING-SYSTEM'])
        .optional(),
      downloadLocation: licence,
      filesAnalyzed: z.boolean(),
      comment: z.string().optional(),
      licenseConcluded: licence.optional(),
      licenseDeclared: z.string().min(1).optional(),
      licenseComments: z.string().optional(),
      copyrightText: licence.optional(),
      licenseInfoFromFiles: z.array(licence).optional(),
      packageVerificationCode: z
        .strictObject({
          packageVerificationCodeValue: z.string().regex(/^[0-9a-f]{40}$/),
        })
        .optional(),
      checksums: z
        .array(
          z.strictObject({
            algorithm: z.literal('SHA256'),
            checksumValue: z.string().regex(/^[0-9a-f]{64}$/),
          }),
        )
        .optional(),
      externalRefs: z
        .array(
          z.strictObject({
            referenceCategory: z.literal('PACKAGE-MANAGER'),
            referenceType: z.literal('purl'),
            referenceLocator: z.string().regex(/^pkg:[a-z]+\//),
          }),
        )
        .optional(),
    }),
  ),
  files: z.array(
    z.strictObject({
      SPDXID: id,
      fileName: z.string().regex(/^\.\//),
      checksums: z.tuple([
        z.strictObject({
          algorithm: z.literal('SHA1'),
          checksumValue: z.string().regex(/^[0-9a-f]{40}$/),
        }),
        z.strictObject({
          algorithm: z.literal('SHA256'),
          checksumValue: z.string().regex(/^[0-9a-f]{64}$/),
        }),
      ]),
      licenseConcluded: licence,
      licenseInfoInFiles: z.array(licence),
      copyrightText: licence,
      comment: z.string(),
    }),
  ),
  relationships: z.array(
    z.strictObject({
      spdxElementId: id,
      relationshipType: z.enum(['DESCRIBES', 'DESCENDANT_OF', 'CONTAINS']),
      relatedSpdxElement: id,
    }),
  ),
});

describe('documents about a base', () => {
  it('names an image by its package URL', () => {
    expect(imagePurl(inventory)).toBe(PURL);
    expect(imagePurl(inventory.base)).not.toContain('arch=');
  });

  it('writes CycloneDX that its official schema takes', () => {
    const document = cycloneDx(inventory);
    expect(cycloneDxFaults(document)).toBeNull();
    expect(cycloneDxFaults({ ...document, version: 'one' })).not.toBeNull();
    expect(document).toEqual(cycloneDx({ ...inventory }));
    expect(document).toMatchObject({
      metadata: { timestamp: inventory.created, component: { purl: PURL } },
      components: [
        { type: 'container', hashes: [{ content: 'b'.repeat(64) }] },
        { type: 'operating-system', name: 'alpine', version: '3.21.3' },
        {
          type: 'library',
          name: 'libstdc++',
          version: '14.2.0-r4',
          licenses: [{ expression: 'GPL-2.0-or-later AND LGPL-2.1-or-later' }],
          purl: PURLS[0],
        },
        { licenses: [{ expression: 'MIT' }], purl: PURLS[1] },
        { licenses: [{ license: { name: 'custom & more' } }], purl: PURLS[2] },
        { name: 'plain', purl: PURLS[3] },
        { type: 'file', name: '/etc/motd' },
        { type: 'file', name: '/usr/share/a b.json' },
      ],
      compositions: [{ aggregate: 'incomplete' }, { aggregate: 'complete' }],
    });
    const other = cycloneDx({ ...inventory, digest: LAYER });
    expect(other).not.toMatchObject({
      serialNumber: (document as { serialNumber: string }).serialNumber,
    });
    const unlisted = cycloneDx({ ...inventory, files: undefined });
    expect(cycloneDxFaults(unlisted)).toBeNull();
    expect(unlisted).toMatchObject({
      compositions: [{}, { aggregate: 'incomplete' }],
    });
    const unread = cycloneDx({ ...inventory, unread: ['the database of rpm'] });
    expect(cycloneDxFaults(unread)).toBeNull();
    expect(unread).toMatchObject({
      metadata: {
        component: { properties: [{ value: 'the database of rpm' }] },
      },
      compositions: [{}, { aggregate: 'incomplete' }],
    });
  });

  it('writes SPDX 2.3 whose parts fit together', () => {
    const document = spdxSchema.parse(spdx(inventory));
    const known = new Set([
      document.SPDXID,
      ...[...document.packages, ...document.files].map(each => each.SPDXID),
    ]);
    for (const each of document.relationships) {
      expect(known).toContain(each.spdxElementId);
      expect(known).toContain(each.relatedSpdxElement);
    }
    expect(known.size).toBe(1 + 3 + 1 + 4 + 2);
    expect(document.files.map(({ fileName }) => fileName)).toEqual([
      './etc/motd',
      './usr/share/a b.json',
    ]);
    const code = createHash('sha1').update('1'.repeat(80)).digest('hex');
    expect(document.packages[2]).toMatchObject({
      filesAnalyzed: true,
      packageVerificationCode: { packageVerificationCodeValue: code },
    });
    expect(document.packages[0].externalRefs?.[0].referenceLocator).toBe(PURL);
    const [system, ...packages] = document.packages.slice(3);
    expect(system).toMatchObject({ name: 'alpine', versionInfo: '3.21.3' });
    expect(
      packages.map(each => [
        each.externalRefs?.[0].referenceLocator,
        each.licenseDeclared,
        each.licenseComments,
      ]),
    ).toEqual([
      [PURLS[0], 'GPL-2.0-or-later AND LGPL-2.1-or-later', undefined],
      [PURLS[1], 'MIT', undefined],
      [PURLS[2], 'NOASSERTION', 'The package says: custom & more'],
      [PURLS[3], 'NOASSERTION', undefined],
    ]);
    const contained = document.relationships.filter(
      each =>
        each.spdxElementId === 'SPDXRef-image' &&
        each.relationshipType === 'CONTAINS',
    );
    expect(contained).toHaveLength(1 + 1 + 4);
    const unread = spdxSchema.parse(spdx({ ...inventory, unread: ['a', 'b'] }));
    expect(unread.packages[0].comment).toBe('Not read: a; b');
    const unlisted = spdxSchema.parse(spdx({ ...inventory, files: undefined }));
    expect(unlisted.packages[2]).toMatchObject({
      filesAnalyzed: false,
      comment: 'They hold more files than are listed one by one.',
    });
  });

  it('writes a SLSA statement without time or run', () => {
    const facts = {
      image: inventory,
      digests: [DIGEST, LAYER],
      base: inventory.base,
      builder: 'embedded',
      name: 'alpine',
      coreVersion: '1.0.0',
      dockerfile: 'FROM x\n',
      args: { TEAM: 'platform' },
      platforms: ['linux/arm/v7'],
      inputHash: 'abc',
      inputs: { template: 'def' },
      context: { url: 'https://git.example.com/i', revision: 'e'.repeat(40) },
    };
    const name = inventory.repository;
    expect(provenance(facts)).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [
        { name, digest: { sha256: 'a'.repeat(64) } },
        { name, digest: { sha256: 'c'.repeat(64) } },
      ],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {
        buildDefinition: {
          buildType: 'urn:imglife:build:base:v1',
          externalParameters: {
            name: 'alpine',
            tag: inventory.tag,
            coreVersion: '1.0.0',
            dockerfile: 'FROM x\n',
            args: { TEAM: 'platform' },
            platforms: ['linux/arm/v7'],
          },
          internalParameters: { inputHash: 'abc', inputs: facts.inputs },
          resolvedDependencies: [
            {
              name: `${inventory.base.repository}:3.21.3`,
              uri: imagePurl(inventory.base),
              digest: { sha256: 'b'.repeat(64) },
            },
            {
              name: 'context',
              uri: 'https://git.example.com/i',
              digest: { gitCommit: 'e'.repeat(40) },
            },
          ],
        },
        runDetails: { builder: { id: 'urn:imglife:builder:embedded' } },
      },
    });
  });
});
