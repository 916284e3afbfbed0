import { parseTag, versionKey } from '@imglife/backstage-plugin-imglife-common';
import type {
  BaseDefinition,
  BaseSource,
  MirrorDefinition,
} from '../definitions/Definitions';
import type { LifecycleData } from '../lifecycle/LifecycleService';
import { BasePlanner } from './BasePlanner';
import type { MirrorTag } from './planBuilds';

function mirrorTag(tag: string, change: Partial<MirrorTag> = {}): MirrorTag {
  const parsed = parseTag(tag);
  return {
    repository: 'r.test/mirrors/alpine',
    tag,
    family: parsed.family,
    versionKey: versionKey(parsed),
    digest: `sha256:${tag}`,
    platforms: [],
    ...change,
  };
}

function base(
  name: string,
  from: BaseSource,
  change: Partial<BaseDefinition> = {},
): BaseDefinition {
  return {
    name,
    configPath: `imglife.bases.${name}`,
    kind: 'core',
    coreVersion: '1.0.0',
    tagFormat: '{{ upstreamTag }}-core{{ coreVersion }}',
    floatingTags: [],
    builder: 'embedded',
    from,
    target: { registry: 'r.test', repository: `bases/${name}` },
    args: {},
    hash: name,
    ...change,
  };
}

it('tells what bases are to have, and what they follow, without an image read', async () => {
  const planner = BasePlanner.create({
    definitions: {
      mirrors: {
        entries: [
          {
            name: 'alpine',
            target: { registry: 'r.test', repository: 'mirrors/alpine' },
            lifecycle: { extendedSupport: false },
          } as MirrorDefinition,
        ],
      } as never,
      policy: { warnDays: 30 } as never,
      bases: {
        entries: [
          base('all', { mirror: 'alpine', track: 'all' }),
          base('pinned', { mirror: 'alpine', tag: '3.20.1' }),
          base('java', { base: 'all', track: 'latest' }),
          base(
            'unnameable',
            { mirror: 'alpine', tag: '3.20.1' },
            { tagFormat: `${'x'.repeat(128)}{{ upstreamTag }}` },
          ),
        ],
      },
    },
    trees: {
      read: async () => {
        throw new Error('contexts are not asked for');
      },
    },
    store: {
      mirrorTags: async () => [mirrorTag('3.20.1'), mirrorTag('3.21.3')],
      publishedTags: async () => [
        mirrorTag('3.21.3', {
          repository: 'r.test/bases/all',
          sourceTag: '3.21.3-core1.0.0',
        }),
      ],
      baseTags: async repositories => new Map(repositories.map(r => [r, []])),
      context: async () => undefined,
    },
    now: () => new Date('2026-11-29T00:00:00Z'),
  });
  const { wanted, followed } = await planner.tags({
    judge: () => ({ support: 'supported', eol: [] }),
  } as unknown as LifecycleData);
  expect([...wanted].sort()).toEqual([
    'r.test/bases/all:3.20.1-core1.0.0',
    'r.test/bases/all:3.21.3-core1.0.0',
    'r.test/bases/java:3.21.3-core1.0.0',
    'r.test/bases/pinned:3.20.1-core1.0.0',
  ]);
  expect([...followed].sort()).toEqual([
    'r.test/bases/all:3.21.3-core1.0.0',
    'r.test/mirrors/alpine:3.20.1',
    'r.test/mirrors/alpine:3.21.3',
  ]);
});
