import { parseTag, versionKey } from '@imglife/backstage-plugin-imglife-common';
import type { BaseSource } from '../definitions/Definitions';
import { planBuilds, type MirrorTag } from './planBuilds';

function mirrored(tag: string, cycle?: string): MirrorTag {
  const parsed = parseTag(tag);
  return {
    repository: 'reg.test/mirrors/x',
    tag,
    family: parsed.family,
    versionKey: versionKey(parsed),
    digest: 'sha256:1',
    platforms: ['linux/amd64'],
    cycle,
  };
}

const tags = [
  mirrored('3.19.4', '3.19'),
  mirrored('3.20.1', '3.20'),
  mirrored('3.20.10', '3.20'),
  mirrored('3.21.3', '3.21'),
  mirrored('3.21.2-slim', '3.21'),
  mirrored('3.20.3-slim', '3.20'),
  mirrored('latest'),
];

function plan(from: BaseSource, of = tags) {
  return planBuilds(from, of, ({ cycle }) => cycle !== '3.19').map(
    ({ tag }) => tag,
  );
}

describe('planBuilds', () => {
  it.each<[object, string[]]>([
    [{ tag: '3.20.1' }, ['3.20.1']],
    [{ tag: 'latest' }, ['latest']],
    [{ tag: '3.20.99' }, []],
    [
      { track: 'latest-per-cycle' },
      ['3.21.3', '3.20.10', '3.19.4', '3.21.2-slim', '3.20.3-slim'],
    ],
    [
      { track: 'latest-per-cycle', cycles: 'supported' },
      ['3.21.3', '3.20.10', '3.21.2-slim', '3.20.3-slim'],
    ],
    [{ track: 'latest-per-cycle', cycles: 1 }, ['3.21.3', '3.21.2-slim']],
    [{ track: 'latest' }, ['3.21.3', '3.21.2-slim']],
    [
      { track: 'all', cycles: 2 },
      ['3.21.3', '3.20.10', '3.20.1', '3.21.2-slim', '3.20.3-slim', 'latest'],
    ],
  ])('%j', (from, expected) => {
    expect(plan({ mirror: 'x', ...from } as BaseSource)).toEqual(expected);
  });

  it('takes a family without known cycles as one cycle', () => {
    const unknown = tags.map(tag => ({ ...tag, cycle: undefined }));
    expect(plan({ mirror: 'x', track: 'latest-per-cycle' }, unknown)).toEqual([
      '3.21.3',
      '3.21.2-slim',
    ]);
  });
});
