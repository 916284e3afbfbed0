import type { BaseTag } from './BaseStore';
import { baseVersionKey } from './baseTag';
import { floatingTags } from './floatingTags';

function row(upstreamTag: string, change: Partial<BaseTag> = {}): BaseTag {
  const coreVersion = change.coreVersion ?? '1.0.0';
  return {
    repository: 'reg.test/bases/alpine',
    tag: `${upstreamTag}-core${coreVersion}`,
    upstreamTag,
    coreVersion,
    versionKey: baseVersionKey(upstreamTag, coreVersion),
    cycle: upstreamTag.split('.').slice(0, 2).join('.'),
    state: 'published',
    digest: 'sha256:1',
    ...change,
  };
}

const withdrawal = { reason: 'x', replacement: null, at: '', by: '' };

describe('floatingTags', () => {
  it.each<[string, string[], BaseTag[], Record<string, string>]>([
    [
      'the newest of each cycle, and of all',
      ['{{ cycle }}-core', 'latest'],
      [row('3.20.6'), row('3.21.10'), row('3.21.9')],
      {
        '3.20-core': '3.20.6-core1.0.0',
        '3.21-core': '3.21.10-core1.0.0',
        latest: '3.21.10-core1.0.0',
      },
    ],
    [
      'the newest core version',
      ['latest'],
      [row('3.21.3', { coreVersion: '1.10.0' }), row('3.21.3')],
      { latest: '3.21.3-core1.10.0' },
    ],
    [
      'never one that was taken back, or is not published',
      ['latest'],
      [
        row('3.21.3'),
        row('3.21.4', { withdrawal }),
        row('3.21.5', { digest: undefined }),
      ],
      { latest: '3.21.3-core1.0.0' },
    ],
    [
      'plain tags before those with a suffix',
      ['latest', '{{cycle}}{{suffix}}'],
      [row('22.1.0-slim'), row('22.0.0')],
      {
        latest: '22.0.0-core1.0.0',
        '22.1-slim': '22.1.0-slim-core1.0.0',
        '22.0': '22.0.0-core1.0.0',
      },
    ],
    [
      'nothing without a cycle',
      ['{{cycle}}'],
      [row('x', { cycle: undefined })],
      {},
    ],
    ["no base's own tag", ['3.21.3-core1.0.0'], [row('3.21.3')], {}],
  ])('gives %s', (_, formats, rows, expected) => {
    const found = floatingTags(formats, rows);
    expect(
      Object.fromEntries([...found].map(([tag, { tag: to }]) => [tag, to])),
    ).toEqual(expected);
  });
});
