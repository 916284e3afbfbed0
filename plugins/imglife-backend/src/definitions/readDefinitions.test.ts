import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import { InputError } from '@backstage/errors';
import type { JsonObject, JsonValue } from '@backstage/types';
import { readDefinitions } from './readDefinitions';

const cwd = mkdtempSync(join(tmpdir(), 'imglife-definitions-'));

beforeAll(() => {
  mkdirSync(join(cwd, 'images/alpine'), { recursive: true });
  writeFileSync(join(cwd, 'images/alpine/Dockerfile.tmpl'), 'FROM x\n');
  writeFileSync(join(cwd, 'ca.pem'), 'x');
  writeFileSync(join(cwd, 'own.json'), '[]');
});
afterAll(() => rmSync(cwd, { recursive: true }));

function read(imglife: JsonValue | undefined) {
  const config = new ConfigReader({ imglife } as JsonObject);
  return readDefinitions(config, { cwd });
}

function faultsOf(imglife: JsonValue | undefined): string[] {
  try {
    read(imglife);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message.split('\n- ');
  }
  return [];
}

function minimal(values: JsonObject = {}): JsonObject {
  return {
    registries: [{ host: 'registry.example.com' }],
    tiers: {
      mirrors: 'registry.example.com/mirrors',
      bases: 'registry.example.com/bases',
    },
    ...values,
  };
}

function withMirror(...entries: JsonObject[]): JsonObject {
  return minimal({
    mirrors: {
      entries: entries.map(entry => ({
        source: 'docker.io/library/alpine',
        tags: { keepLast: 1 },
        ...entry,
      })),
    },
  });
}

function withBase(...entries: JsonObject[]): JsonObject {
  return {
    ...withMirror({}),
    bases: {
      entries: entries.map(entry => ({
        name: 'alpine',
        from: { mirror: 'alpine', track: 'latest' },
        ...entry,
      })),
    },
  };
}

const full: JsonObject = {
  definitions: [
    {
      url: 'https://git.example.com/imglife.yaml',
      schedule: { frequency: 'PT1M' },
    },
  ],
  registries: [
    {
      host: 'Registry.example.com',
      aliases: ['cache.example.com/proxy'],
      auth: { username: 'u', password: 'p' },
      tls: { caFile: 'ca.pem' },
      concurrency: 3,
    },
    { host: '127.0.0.1:5401', insecure: true, auth: { token: 't' } },
    {
      host: 'ecr.example.com',
      auth: { credentialHelper: 'ecr-login' },
      requestsPerSecond: 2.5,
    },
    { host: 'docker.io', auth: { dockerConfig: true } },
  ],
  tiers: {
    mirrors: 'cache.example.com/proxy/mirrors',
    bases: 'registry.example.com/bases',
    applications: ['registry.example.com/apps', '127.0.0.1:5401/*/*'],
  },
  mirrors: {
    schedule: { frequency: { minutes: 30 }, timeout: 'PT10M' },
    hooks: { afterSync: [{ webhook: 'https://hooks.test/all' }] },
    entries: [
      {
        source: 'alpine',
        tags: {
          names: ['edge'],
          regex: '3\\.\\d+\\.\\d+',
          cycles: 4,
          keepLast: 3,
          per: 'cycle',
          semver: '>=3.20',
          exclude: '.*-x',
          prereleases: true,
          minAge: { days: 2 },
          atLeast: 1,
          targetTag: '{{ tag }}',
        },
        platforms: ['linux/arm64/v8', 'linux/amd64'],
        referrers: false,
        immutable: '3.*',
        hooks: { afterSync: [{ webhook: 'https://hooks.test/one' }] },
        lifecycle: { product: 'alpine-linux', extendedSupport: true },
      },
      {
        source: 'cache.example.com/proxy/upstream/node',
        target: 'library/node',
        tags: { names: ['24.1.0'] },
      },
    ],
  },
  bases: {
    builders: {
      docker: { network: 'none' },
      buildkit: { cache: 'registry.example.com/cache' },
    },
    secrets: [{ id: 'npmrc', file: 'own.json' }],
    compression: 'zstd',
    sbom: 'spdx',
    provenance: true,
    sign: 'cosign',
    signers: { cosign: { key: 'awskms:///alias/bases', password: 'secret' } },
    hooks: {
      afterBuild: [
        { webhook: 'https://u:p@chat.example.com/h' },
        { notification: {} },
        { notification: { recipients: ['user:default/ann'] } },
      ],
    },
    floatingTags: ['latest'],
    coreVersion: '1.1.0',
    tagFormat: '{{upstreamTag}}-org{{coreVersion}}',
    builder: 'embedded',
    concurrency: 1,
    schedule: { frequency: '1h' },
    owner: 'group:default/platform',
    entries: [
      {
        name: 'alpine',
        kind: 'special',
        from: { mirror: 'alpine', track: 'latest-per-cycle', cycles: 'all' },
        context: './images/alpine',
        template: 'Dockerfile.tmpl',
        args: { EXTRA: 'tzdata' },
      },
      {
        name: 'node',
        coreVersion: '2',
        tagFormat: '{{upstreamTag}}-n{{coreVersion}}',
        from: { mirror: 'library/node', tag: '24.1.0' },
        template: 'FROM {{ mirror.reference }}\n',
        owner: 'group:default/web',
        compression: 'gzip',
        sbom: 'none',
        sign: [],
      },
    ],
  },
  applications: {
    current: { per: 'branch', maxAgeDays: 30 },
    mapping: { schedule: { frequency: { seconds: 20 } } },
    subjects: [{ match: 'external:github:repo:{{ project }}:*' }],
    rateLimit: { perMinute: 60 },
  },
  lifecycle: {
    url: 'https://endoflife.date/api/v1',
    schedule: { frequency: { days: 2 } },
    overridesFile: 'own.json',
  },
  policy: {
    freshness: 'newest',
    warnDays: 60,
    graceDays: 14,
    failOn: ['ended', 'unmanaged'],
    exemptions: [
      {
        image: 'registry.example.com/apps/old*',
        until: '2027-01-31',
        reason: 'is being replaced',
      },
    ],
  },
  notifications: { verdicts: true },
  retention: {
    schedule: { frequency: { hours: 12 } },
    mirrors: { keepLast: 3, maxAgeDays: 30, per: 'family' },
    bases: {
      keepLast: 5,
      maxAgeDays: 90,
      protect: ['latest', '3\\.19\\..*'],
      archive: { to: 'cache.example.com/proxy/archive' },
      overrides: [
        {
          image: 'alp*',
          keepLast: 1,
          archive: { to: 'registry.example.com/kept', keepDays: 7 },
        },
      ],
    },
  },
  workers: { sync: 2, build: 1 },
  catalog: {
    defaultOwner: 'group:default/platform',
    namespace: 'images',
    applications: 'all',
  },
};

describe('readDefinitions', () => {
  it('reads a whole configuration', () => {
    const definitions = read(full);

    expect(definitions).toEqual({
      files: [
        {
          url: 'https://git.example.com/imglife.yaml',
          schedule: { frequencyMs: 60_000, timeoutMs: 60_000 },
        },
      ],
      registries: [
        {
          host: 'registry.example.com',
          aliases: ['cache.example.com/proxy'],
          auth: { username: 'u', password: 'p' },
          tls: { caFile: join(cwd, 'ca.pem') },
          insecure: false,
          concurrency: 3,
        },
        {
          host: '127.0.0.1:5401',
          aliases: [],
          auth: { token: 't' },
          insecure: true,
          concurrency: 6,
        },
        {
          host: 'ecr.example.com',
          aliases: [],
          auth: { credentialHelper: 'ecr-login' },
          insecure: false,
          concurrency: 6,
          requestsPerSecond: 2.5,
        },
        {
          host: 'docker.io',
          aliases: [],
          auth: { dockerConfig: true },
          insecure: false,
          concurrency: 6,
        },
      ],
      tiers: {
        mirrors: { registry: 'registry.example.com', repository: 'mirrors' },
        bases: { registry: 'registry.example.com', repository: 'bases' },
        applications: ['registry.example.com/apps', '127.0.0.1:5401/*/*'],
      },
      mirrors: {
        schedule: { frequencyMs: 1_800_000, timeoutMs: 600_000 },
        verify: { frequencyMs: 86_400_000, timeoutMs: 7_200_000 },
        entries: [
          {
            name: 'alpine',
            configPath: 'imglife.mirrors.entries[0]',
            source: { registry: 'docker.io', repository: 'library/alpine' },
            target: {
              registry: 'registry.example.com',
              repository: 'mirrors/alpine',
            },
            tags: {
              names: ['edge'],
              regex: '3\\.\\d+\\.\\d+',
              cycles: 4,
              keepLast: 3,
              per: 'cycle',
              semver: '>=3.20',
              exclude: ['.*-x'],
              prereleases: true,
              minAgeMs: 172_800_000,
              atLeast: 1,
              targetTag: '{{ tag }}',
            },
            lifecycle: { product: 'alpine-linux', extendedSupport: true },
            platforms: ['linux/arm64', 'linux/amd64'],
            referrers: false,
            immutable: '3.*',
            webhooks: ['https://hooks.test/all', 'https://hooks.test/one'],
            hash: expect.stringMatching(/^[0-9a-f]{64}$/),
          },
          expect.objectContaining({
            name: 'library/node',
            source: {
              registry: 'registry.example.com',
              repository: 'upstream/node',
            },
            target: {
              registry: 'registry.example.com',
              repository: 'mirrors/library/node',
            },
            tags: {
              names: ['24.1.0'],
              cycles: 'supported',
              exclude: [],
              prereleases: false,
            },
            referrers: true,
            webhooks: ['https://hooks.test/all'],
            lifecycle: { extendedSupport: false },
          }),
        ],
      },
      bases: {
        schedule: { frequencyMs: 3_600_000, timeoutMs: 3_600_000 },
        concurrency: 1,
        builders: {
          buildah: {
            command: 'buildah',
            isolation: 'chroot',
            network: 'default',
            storageDriver: 'vfs',
          },
          buildkit: {
            command: 'buildctl',
            network: 'default',
            cache: 'registry.example.com/cache',
          },
          docker: { command: 'docker', network: 'none' },
        },
        secrets: [{ id: 'npmrc', file: join(cwd, 'own.json') }],
        signers: {
          cosign: {
            command: 'cosign',
            key: 'awskms:///alias/bases',
            password: 'secret',
            recursive: false,
            env: {},
            args: [],
            timeoutMs: 120_000,
          },
        },
        hooks: {
          afterBuild: [
            { webhook: 'https://u:p@chat.example.com/h' },
            { notification: {} },
            { notification: { recipients: ['user:default/ann'] } },
          ],
        },
        entries: [
          {
            name: 'alpine',
            configPath: 'imglife.bases.entries[0]',
            kind: 'special',
            coreVersion: '1.1.0',
            tagFormat: '{{upstreamTag}}-org{{coreVersion}}',
            floatingTags: ['latest'],
            builder: 'embedded',
            from: {
              mirror: 'alpine',
              track: 'latest-per-cycle',
              cycles: 'all',
            },
            target: {
              registry: 'registry.example.com',
              repository: 'bases/alpine',
            },
            context: join(cwd, 'images/alpine'),
            template: 'Dockerfile.tmpl',
            args: { EXTRA: 'tzdata' },
            compression: 'zstd',
            owner: 'group:default/platform',
            sbom: 'spdx',
            provenance: true,
            sign: ['cosign'],
            hash: expect.stringMatching(/^[0-9a-f]{64}$/),
          },
          expect.objectContaining({
            name: 'node',
            provenance: true,
            kind: 'core',
            coreVersion: '2',
            tagFormat: '{{upstreamTag}}-n{{coreVersion}}',
            from: { mirror: 'library/node', tag: '24.1.0' },
            template: 'FROM {{ mirror.reference }}\n',
            args: {},
            owner: 'group:default/web',
          }),
        ],
      },
      applications: {
        current: { per: 'branch', maxAgeDays: 30 },
        scan: {
          schedule: { frequencyMs: 21_600_000, timeoutMs: 7_200_000 },
          tagsPerRepository: 10,
        },
        mapping: { frequencyMs: 20_000, timeoutMs: 120_000 },
        subjects: ['external:github:repo:{{ project }}:*'],
        rateLimit: { perMinute: 60 },
      },
      lifecycle: {
        url: 'https://endoflife.date/api/v1',
        schedule: { frequencyMs: 172_800_000, timeoutMs: 600_000 },
        overridesFile: join(cwd, 'own.json'),
      },
      policy: full.policy,
      notifications: { verdicts: true },
      retention: {
        schedule: { frequencyMs: 43_200_000, timeoutMs: 7_200_000 },
        mirrors: {
          keepLast: 3,
          maxAgeDays: 30,
          per: 'family',
          protect: [],
          overrides: [],
        },
        bases: {
          keepLast: 5,
          maxAgeDays: 90,
          per: 'cycle',
          protect: ['latest', '3\\.19\\..*'],
          archive: {
            to: { registry: 'registry.example.com', repository: 'archive' },
            keepDays: 90,
          },
          overrides: [
            {
              image: 'alp*',
              keepLast: 1,
              archive: {
                to: { registry: 'registry.example.com', repository: 'kept' },
                keepDays: 7,
              },
            },
          ],
        },
      },
      workers: { sync: 2, build: 1 },
    });
    expect(
      read(
        minimal({
          mirrors: withMirror({}).mirrors as JsonObject,
          bases: {
            builder: 'docker',
            smoke: ['true'],
            smokeTimeout: { seconds: 5 },
            entries: [
              { name: 'a', from: { mirror: 'alpine', tag: '1' } },
              { name: 'b', from: { mirror: 'alpine', tag: '1' }, smoke: [] },
            ],
          },
        }),
      ).bases.entries.map(({ smoke }) => smoke),
    ).toEqual([{ command: ['true'], timeoutMs: 5000 }, undefined]);
    // what one base does not want of what all have
    expect(definitions.bases.entries[1]).not.toHaveProperty('compression');
    expect(definitions.bases.entries[1]).not.toHaveProperty('sbom');
    expect(definitions.bases.entries[1]).not.toHaveProperty('sign');
  });

  it('fills in what is left out', () => {
    expect(read(minimal())).toMatchObject({
      mirrors: { schedule: { frequencyMs: 3_600_000 }, entries: [] },
      bases: { schedule: { frequencyMs: 900_000 }, concurrency: 2 },
      applications: { current: { per: 'repository', maxAgeDays: 180 } },
      lifecycle: { schedule: { frequencyMs: 86_400_000 } },
      policy: {
        freshness: 'cycle',
        warnDays: 30,
        graceDays: 0,
        failOn: ['withdrawn', 'outdated', 'rebuilt', 'ended'],
        exemptions: [],
      },
      notifications: { verdicts: false },
      retention: {
        schedule: { frequencyMs: 86_400_000 },
        mirrors: undefined,
        bases: undefined,
        applications: undefined,
      },
      workers: { sync: 4, build: 2 },
    });
    expect(read(withBase({})).bases.entries[0]).toMatchObject({
      coreVersion: '1.0.0',
      tagFormat: '{{ upstreamTag }}-core{{ coreVersion }}',
      builder: 'embedded',
    });
  });

  it('hashes what was declared, whatever its place and the order of keys', () => {
    const [base] = read(withBase({ args: { A: '1', B: '2' } })).bases.entries;
    const hashOf = (values: JsonObject, index = 0) =>
      read(values).bases.entries[index].hash;

    expect(hashOf(withBase({ args: { B: '2', A: '1' } }))).toBe(base.hash);
    expect(
      hashOf(withBase({ name: 'z' }, { args: { A: '1', B: '2' } }), 1),
    ).toBe(base.hash);
    const changed = [
      hashOf(withBase({ args: { A: '1', B: '3' } })),
      hashOf(withBase({ args: { A: '1', B: '2' }, coreVersion: '1.1.0' })),
      hashOf({
        ...withBase({ args: { A: '1', B: '2' } }),
        bases: {
          ...(withBase({ args: { A: '1', B: '2' } }).bases as JsonObject),
          tagFormat: '{{upstreamTag}}-x{{coreVersion}}',
        },
      }),
    ];
    expect(new Set([base.hash, ...changed]).size).toBe(4);
    expect(read(withMirror({})).mirrors.entries[0].hash).not.toBe(
      read(withMirror({ tags: { keepLast: 2 } })).mirrors.entries[0].hash,
    );
  });

  it('says that the block is missing', () => {
    expect(faultsOf(undefined)[0]).toMatch(/add an imglife block/);
  });

  it('lists every fault of shape and sense in one message', () => {
    const faults = faultsOf({
      registries: [
        { host: 'registry.example.com', retries: 3 },
        { host: 'https://other.example.com' },
      ],
      tiers: {
        mirrors: 'unlisted.example.com/mirrors',
        bases: 'registry.example.com/bases',
      },
      mirrors: {
        entries: [
          { source: 'docker.io/library/alpine', tags: { regex: '3.(' } },
          { source: 'quay.io/other/alpine', tags: { keepLast: 0 } },
          { source: 'Bad Name', tags: {} },
        ],
        check: {},
      },
      bases: {
        coreVersion: 1.1,
        entries: [
          { name: 'alpine', from: { mirror: 'alpine' } },
          { name: 'alpine', from: { mirror: 'debian', tag: '12' } },
        ],
      },
      policy: { failOn: ['broken'], exemptions: [{ reason: 'x' }] },
    });

    expect(faults[0]).toBe('The imglife configuration has 16 faults:');
    const paths = faults.slice(1).map(fault => fault.split(': ', 1)[0]);
    expect(paths.sort()).toEqual([
      'imglife.bases.coreVersion',
      'imglife.bases.entries[0].from',
      'imglife.bases.entries[1].from.mirror',
      'imglife.bases.entries[1].name',
      'imglife.mirrors.check',
      'imglife.mirrors.entries[0].tags.regex',
      'imglife.mirrors.entries[1].tags.keepLast',
      'imglife.mirrors.entries[1].target',
      'imglife.mirrors.entries[2].source',
      'imglife.mirrors.entries[2].tags',
      'imglife.policy.exemptions[0]',
      'imglife.policy.exemptions[0].until',
      'imglife.policy.failOn[0]',
      'imglife.registries[0].retries',
      'imglife.registries[1].host',
      'imglife.tiers.mirrors',
    ]);
  });

  it('never repeats what may be secret', () => {
    const secret = 'hunter2';
    const { message } = (() => {
      try {
        return read({
          ...withMirror({ source: `https://me:${secret}@reg.example.com/x` }),
          registries: [
            { host: 'a.example.com', auth: { username: secret } },
            {
              host: 'b.example.com',
              auth: { token: secret, password: secret },
            },
            { host: 'c.example.com', auth: secret },
            { host: `me:${secret}@d.example.com` },
            { host: 'e.example.com', auth: { token: [secret], secret } },
            { host: 'f.example.com', auth: {} },
            {
              host: 'g.example.com',
              auth: { dockerConfig: false, credentialHelper: `/x/${secret}` },
              requestsPerSecond: 0,
            },
          ],
          lifecycle: { url: `https://me:${secret}@eol.example.com` },
        });
      } catch (error) {
        return error as Error;
      }
    })() as Error;

    expect(message).toContain('imglife.registries[0].auth: needs username');
    expect(message).toContain(
      'imglife.registries[1].auth: has password beside token',
    );
    expect(message).toContain('imglife.registries[2].auth: must be a block');
    expect(message).toContain('imglife.registries[3].host: ');
    expect(message).toContain('imglife.registries[4].auth.secret: unknown key');
    expect(message).toContain('imglife.registries[4].auth.token: must be text');
    expect(message).toContain('imglife.registries[5].auth: needs username');
    expect(message).toContain(
      'imglife.registries[6].auth: has dockerConfig beside credentialHelper',
    );
    expect(message).toContain('registries[6].auth.dockerConfig: must be true');
    expect(message).toContain('registries[6].auth.credentialHelper: must be');
    expect(message).toContain(
      'registries[6].requestsPerSecond: must be a number above 0',
    );
    expect(message).toContain('imglife.lifecycle.url: ');
    expect(message).toContain('imglife.mirrors.entries[0].source: ');
    expect(message).not.toContain(secret);
  });

  it.each<[string, JsonValue, string]>([
    [
      'a subject of something unknown',
      minimal({ applications: { subjects: [{ match: 'a:{{ repo }}' }] } }),
      'imglife.applications.subjects[0].match: knows {{ project }} and nothing else in {{ }}',
    ],
    [
      'a subject whose project has no end',
      minimal({ applications: { subjects: [{ match: 'a:{{ project }}*' }] } }),
      'imglife.applications.subjects[0].match: needs a character between {{ project }} and *',
    ],
    [
      'a definition file listed twice',
      minimal({
        definitions: [
          { url: 'https://git.example.com/a.yaml' },
          { url: 'https://git.example.com/a.yaml' },
        ],
      }),
      'imglife.definitions[1].url: is listed twice',
    ],
    [
      'a definition file that is none of the web',
      minimal({ definitions: [{ url: 'file:///etc/passwd' }] }),
      'imglife.definitions[0].url: must be an http or https URL',
    ],
    ['a list', [], 'imglife: must be a block'],
    [
      'no tiers',
      { registries: [] },
      'imglife.tiers: is missing; it must be a block with the keys mirrors, bases, applications',
    ],
    [
      'two names for one host',
      minimal({
        registries: [
          { host: 'registry.example.com' },
          { host: 'other.example.com', aliases: ['REGISTRY.example.com'] },
        ],
      }),
      'imglife.registries[1].aliases[0]: registry.example.com is already listed',
    ],
    [
      'a host with a path',
      minimal({
        registries: [
          { host: 'registry.example.com' },
          { host: 'registry.example.com/x' },
        ],
      }),
      'imglife.registries[1].host: must be host[:port] without a path',
    ],
    [
      'half a client certificate',
      minimal({
        registries: [
          { host: 'registry.example.com', tls: { certFile: 'ca.pem' } },
        ],
      }),
      'imglife.registries[0].tls: needs certFile and keyFile together',
    ],
    [
      'a TLS file that is not there',
      minimal({
        registries: [
          { host: 'registry.example.com', tls: { caFile: 'no.pem' } },
        ],
      }),
      `imglife.registries[0].tls.caFile: there is no file ${join(
        cwd,
        'no.pem',
      )}`,
    ],
    [
      'an application path on an unlisted host',
      minimal({
        tiers: {
          mirrors: 'registry.example.com/mirrors',
          bases: 'registry.example.com/bases',
          applications: ['registry.example.com/apps', 'x.example.com/*'],
        },
      }),
      'imglife.tiers.applications[1]: the host x.example.com is not listed under imglife.registries',
    ],
    [
      'a pattern for the host',
      minimal({
        tiers: {
          mirrors: 'registry.example.com/mirrors',
          bases: 'registry.example.com/bases',
          applications: ['*.example.com/apps'],
        },
      }),
      'imglife.tiers.applications[0]: must name its host',
    ],
    [
      'tiers in one place',
      minimal({
        tiers: {
          mirrors: 'registry.example.com/images',
          bases: 'registry.example.com/images',
        },
      }),
      'imglife.tiers.bases: is the same as imglife.tiers.mirrors',
    ],
    [
      'a duplicate default target',
      withMirror({}, { source: 'quay.io/other/alpine' }),
      'imglife.mirrors.entries[1].target: "alpine" is the target of imglife.mirrors.entries[0] too; add a target',
    ],
    [
      'a source with a tag',
      withMirror({ source: 'docker.io/library/alpine:3.21' }),
      'imglife.mirrors.entries[0].source: is no repository',
    ],
    [
      'a mirror of itself',
      withMirror({ source: 'registry.example.com/mirrors/alpine' }),
      'imglife.mirrors.entries[0].source: is the target itself',
    ],
    [
      'a target with its host',
      withMirror({ target: 'registry.example.com/mirrors/alpine' }),
      'imglife.mirrors.entries[0].target: is a path under imglife.tiers.mirrors',
    ],
    [
      'no choice of tags',
      withMirror({ tags: { per: 'cycle' } }),
      'imglife.mirrors.entries[0].tags: would take every tag; give at least one of names, regex, semver, cycles, keepLast',
    ],
    [
      'a pattern with look-ahead',
      withMirror({ tags: { regex: '3(?!rc).*' } }),
      'imglife.mirrors.entries[0].tags.regex: is no RE2 pattern',
    ],
    [
      'a bare number as tag',
      withMirror({ tags: { names: [3.2] } }),
      'imglife.mirrors.entries[0].tags.names[0]: must be text; put it in quotes',
    ],
    [
      'an odd number of cycles',
      withMirror({ tags: { cycles: 'newest' } }),
      'imglife.mirrors.entries[0].tags.cycles: must be supported, all, or a whole number from 1',
    ],
    [
      'an odd duration',
      minimal({ mirrors: { schedule: { frequency: 'often' } } }),
      'imglife.mirrors.schedule.frequency: must be a duration above zero',
    ],
    [
      'a hook that is both',
      minimal({
        bases: {
          hooks: {
            afterBuild: [
              { webhook: 'https://x.example.com', notification: {} },
            ],
          },
        },
      }),
      'imglife.bases.hooks.afterBuild[0]: needs either webhook or notification',
    ],
    [
      'a hook that is neither',
      minimal({ bases: { hooks: { afterBuild: [{}] } } }),
      'imglife.bases.hooks.afterBuild[0]: needs either webhook or notification',
    ],
    [
      'a notification that reaches nobody',
      minimal({
        mirrors: withMirror({}).mirrors as JsonObject,
        bases: {
          hooks: { afterBuild: [{ notification: {} }] },
          entries: [
            { name: 'a', from: { mirror: 'alpine', tag: '1' } },
            {
              name: 'b',
              owner: 'group:default/b',
              from: { mirror: 'alpine', tag: '1' },
            },
          ],
        },
      }),
      'imglife.bases.hooks.afterBuild[0].notification: would reach nobody for a: give recipients here, or an owner',
    ],
    [
      'a recipient that is no entity',
      minimal({
        bases: {
          hooks: { afterBuild: [{ notification: { recipients: ['ann'] } }] },
        },
      }),
      'imglife.bases.hooks.afterBuild[0].notification.recipients[0]: must be kind:namespace/name',
    ],
    [
      'a smoke command of a builder that can run none',
      withBase({ smoke: ['sh', '-c', 'true'] }),
      'imglife.bases.entries[0].smoke: base alpine is of builder embedded, which cannot run a command in what it builds; let buildah or docker build it, or give the base smoke: []',
    ],
    [
      'a smoke command of all bases, one of which is built outside',
      minimal({
        mirrors: withMirror({}).mirrors as JsonObject,
        bases: {
          builder: 'buildah',
          smoke: ['true'],
          entries: [
            { name: 'a', from: { mirror: 'alpine', tag: '1' } },
            { name: 'b', from: { mirror: 'alpine', tag: '1' }, smoke: [] },
            {
              name: 'c',
              builder: 'export',
              from: { mirror: 'alpine', tag: '1' },
            },
          ],
        },
      }),
      'imglife.bases.smoke: base c is of builder export',
    ],
    [
      'a smoke command in one piece',
      withBase({ smoke: 'sh -c true' }),
      'imglife.bases.entries[0].smoke: must be a list',
    ],
    [
      'no network where buildah shares it',
      minimal({ bases: { builders: { buildah: { network: 'none' } } } }),
      'imglife.bases.builders.buildah.network: cannot be none with isolation chroot',
    ],
    [
      'a compression that no registry knows',
      withBase({ compression: 'xz' }),
      'imglife.bases.entries[0].compression: must be one of gzip, zstd',
    ],
    [
      'a base on no mirror',
      withBase({ from: { mirror: 'alpin', track: 'latest' } }),
      'imglife.bases.entries[0].from.mirror: there is no mirror "alpin" under imglife.mirrors.entries; known: alpine',
    ],
    [
      'a base on no base',
      withBase({ from: { base: 'x', track: 'latest' } }),
      'imglife.bases.entries[0].from.base: there is no base "x" under imglife.bases.entries; known: ',
    ],
    [
      'a base on nothing',
      withBase({ from: { track: 'latest' } }),
      'imglife.bases.entries[0].from: needs either mirror or base',
    ],
    [
      'a cycle of bases',
      minimal({
        bases: {
          entries: [
            { name: 'top', from: { base: 'a', track: 'latest' } },
            { name: 'a', from: { base: 'b', track: 'latest' } },
            { name: 'b', from: { base: 'a', track: 'latest' } },
          ],
        },
      }),
      'imglife.bases.entries[1].from.base: is a cycle: a is built on b is built on a',
    ],
    [
      'a floating tag that is none',
      minimal({ bases: { floatingTags: ['{{ digest }}'] } }),
      'imglife.bases.floatingTags[0]: unknown variable "digest"; only cycle and suffix are known',
    ],
    [
      'tag beside track',
      withBase({ from: { mirror: 'alpine', tag: '3.21.3', track: 'all' } }),
      'imglife.bases.entries[0].from: needs either tag',
    ],
    [
      'cycles beside tag',
      withBase({ from: { mirror: 'alpine', tag: '3.21.3', cycles: 2 } }),
      'imglife.bases.entries[0].from.cycles: has no meaning beside tag',
    ],
    [
      'a base name twice',
      withBase({}, {}),
      'imglife.bases.entries[1].name: "alpine" is the name of imglife.bases.entries[0] too',
    ],
    [
      'a core version of four numbers',
      withBase({ coreVersion: '1.0.0.1' }),
      'imglife.bases.entries[0].coreVersion: must be one to three numbers',
    ],
    [
      'a bad tag format',
      withBase({ tagFormat: '{{ upstreamTag }}' }),
      'imglife.bases.entries[0].tagFormat: must hold {{ coreVersion }} exactly once',
    ],
    [
      'a context by another URL',
      withBase({ context: 'ssh://git@git.example.com/x' }),
      'imglife.bases.entries[0].context: must be a folder, or an http or https URL',
    ],
    [
      'a context that is not there',
      withBase({ context: 'images/none' }),
      `imglife.bases.entries[0].context: there is no folder ${join(
        cwd,
        'images/none',
      )}`,
    ],
    [
      'a template file without a context',
      withBase({ template: 'Dockerfile.tmpl' }),
      'imglife.bases.entries[0].template: names a file, so that a context is needed',
    ],
    [
      'a template outside of its context',
      withBase({ context: 'images/alpine', template: '../../ca.pem' }),
      'imglife.bases.entries[0].template: must lie in the context folder',
    ],
    [
      'a template outside of a context in git',
      withBase({
        context: 'https://git.example.com/x',
        template: '../Dockerfile',
      }),
      'imglife.bases.entries[0].template: must lie in the context folder',
    ],
    [
      'a template that is not there',
      withBase({ context: 'images/alpine', template: 'Dockerfile' }),
      `imglife.bases.entries[0].template: there is no file ${join(
        cwd,
        'images/alpine/Dockerfile',
      )}`,
    ],
    [
      'an argument that is no text',
      withBase({ args: { RETRIES: 3 } }),
      'imglife.bases.entries[0].args.RETRIES: must be text; put it in quotes',
    ],
    [
      'an argument without a proper name',
      withBase({ args: { 'A-B': 'x' } }),
      'imglife.bases.entries[0].args.A-B: is no argument name',
    ],
    [
      'an owner by name alone',
      withBase({ owner: 'platform' }),
      'imglife.bases.entries[0].owner: must be kind:namespace/name',
    ],
    [
      'an exemption from everything',
      minimal({
        policy: { exemptions: [{ until: '2027-01-01', reason: 'x' }] },
      }),
      'imglife.policy.exemptions[0]: would exempt everything',
    ],
    [
      'a day that is none',
      minimal({
        policy: {
          exemptions: [{ base: '*', until: '2027-02-30', reason: 'x' }],
        },
      }),
      'imglife.policy.exemptions[0].until: must be a day as YYYY-MM-DD',
    ],
    [
      'overrides that are not there',
      minimal({ lifecycle: { overridesFile: 'none.json' } }),
      'imglife.lifecycle.overridesFile: there is no file',
    ],
  ])('refuses %s, and nothing else', (_, imglife, fault) => {
    const [head, ...faults] = faultsOf(imglife);

    expect(head).toBe('The imglife configuration has 1 fault:');
    expect(faults).toEqual([expect.stringContaining(fault)]);
  });
});
