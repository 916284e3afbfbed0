import { compareTags } from './compareTags';
import { parseTag } from './parseTag';
import { versionKey } from './versionKey';

describe('parseTag', () => {
  it.each<[string, string | undefined, object]>([
    ['3.21.3', '3.21.3', { parts: [3, 21, 3], family: '3|' }],
    ['v1.30.2', '1.30.2', { parts: [1, 30, 2], family: '3|' }],
    ['1.2.3.4', '1.2.3.4', { family: '3|' }],
    ['3.21', '3.21', { family: '2|' }],
    ['24', '24', { family: '1|' }],
    [
      '25.0.3_9-jre-alpine-3.20',
      '25.0.3',
      { build: [9], suffixName: 'jre-alpine', suffixVersion: [3, 20] },
    ],
    ['25.0.4.1_1', '25.0.4.1', { build: [1], family: '3|' }],
    ['8u502-b07', '8u502', { parts: [8, 502], build: [7] }],
    ['9.4-1214', '9.4', { build: [1214], suffix: '' }],
    ['9.4-1214.1725849297', '9.4', { build: [1214, 1725849297], suffix: '' }],
    ['1.0.0+7', '1.0.0', { build: [7] }],
    [
      '3.12.0rc1-slim',
      '3.12.0',
      { prerelease: { kind: 'rc', number: 1 }, suffixName: 'slim' },
    ],
    ['1.0.0-rc.1', '1.0.0', { prerelease: { kind: 'rc', number: 1 } }],
    ['1.0.0-alpha', '1.0.0', { prerelease: { kind: 'alpha', number: 0 } }],
    ['3.14.0b2', '3.14.0', { prerelease: { kind: 'b', number: 2 } }],
    ['4.0.0.M1', '4.0.0', { prerelease: { kind: 'm', number: 1 } }],
    ['2.0-SNAPSHOT', '2.0', { prerelease: { kind: 'snapshot', number: 0 } }],
    ['1.0.0-rc1+5', '1.0.0', { build: [5] }],
    [
      '10.0.0-preview.5.25277.114-alpine3.22',
      '10.0.0',
      {
        prerelease: { kind: 'preview', number: 5 },
        build: [25277, 114],
        suffixName: 'alpine',
      },
    ],
    [
      '10.0.100-rc.1.25451.107',
      '10.0.100',
      { prerelease: { kind: 'rc', number: 1 }, family: '3|' },
    ],
    ['1.2.3-rc.9999999999999999', '1.2.3', { build: [] }],
    [
      '1.22.3-alpine3.21',
      '1.22.3',
      {
        suffixName: 'alpine',
        suffixVersion: [3, 21],
        family: '3|alpine',
      },
    ],
    [
      '1.22-alpine',
      '1.22',
      { suffixName: 'alpine', suffixVersion: [], family: '2|alpine' },
    ],
    ['22.1.0-bookworm-slim', '22.1.0', { suffixName: 'bookworm-slim' }],
    ['8.4-fpm-alpine3.20', '8.4', { suffixName: 'fpm-alpine' }],
    [
      'jammy-20240227',
      '20240227',
      { codename: 'jammy', parts: [20240227], family: 'jammy|' },
    ],
    ['noble-20240827.1', '20240827.1', { parts: [20240827, 1] }],
    [
      'bookworm-20250224-slim',
      '20250224',
      { codename: 'bookworm', suffixName: 'slim', family: 'bookworm|slim' },
    ],
    ['latest', undefined, { family: '' }],
    ['edge', undefined, { parts: [] }],
    ['bookworm', undefined, {}],
    ['bookworm-slim', undefined, {}],
    ['a3f8b1c', undefined, {}],
    ['3f8b1ca', undefined, {}],
    ['1234567', '1234567', {}],
    ['9999999999999999999999', undefined, {}],
  ])('%s', (tag, version, expected) => {
    const parsed = parseTag(tag);
    expect(parsed.version).toBe(version);
    expect(parsed).toMatchObject({ tag, ...expected });
  });

  it('reads hostile tags in linear time', () => {
    for (const piece of ['1.', 'a', '-rc', '1-', '0.0-alpine']) {
      expect(parseTag(piece.repeat(20_000)).tag).toHaveLength(
        piece.length * 20_000,
      );
    }
  });
});

describe('compareTags and versionKey', () => {
  it.each([
    [['3.9', '3.10', '3.21']],
    [['3.21.0', '3.21.3', '3.21.10', '3.22.0']],
    [['1.0.0-alpha', '1.0.0-beta', '1.0.0-rc1', '1.0.0-rc2', '1.0.0']],
    [['25.0.3_9', '25.0.3_10', '25.0.4.1_1', '25.0.5_1']],
    [['1.22.3-alpine3.9', '1.22.3-alpine3.20', '1.22.4-alpine3.19']],
    [['jammy-20240227', 'jammy-20240227.1', 'jammy-20240301']],
    [['8u492-b09', '8u502-b06', '8u502-b07']],
    [['9.4', '9.4-947', '9.4-1181.1724035907', '9.4-1214', '9.4-1214.17258']],
    [['1.0.0-rc.1.2', '1.0.0-rc.1.10', '1.0.0-rc.2.1', '1.0.0']],
  ])('%j is in order', tags => {
    const shuffled = [...tags].reverse().map(parseTag);
    expect(new Set(shuffled.map(parsed => parsed.family)).size).toBe(1);
    expect([...shuffled].sort(compareTags).map(({ tag }) => tag)).toEqual(tags);
    const byKey = [...shuffled].sort((a, b) =>
      Buffer.compare(Buffer.from(versionKey(a)), Buffer.from(versionKey(b))),
    );
    expect(byKey.map(({ tag }) => tag)).toEqual(tags);
  });

  it('is a total order, and the keys have the same', () => {
    const random = seeded(7);
    const pick = <T>(items: T[]) => items[Math.floor(random() * items.length)];
    const tags = Array.from({ length: 300 }, () => {
      const number = () => pick([0, 1, 2, 9, 10, 11, 100]);
      const version = `${number()}.${number()}.${number()}`;
      return `${pick(['', 'v'])}${version}${pick([
        '',
        '-rc1',
        'b2',
        '-dev',
        '_9',
        '+10',
      ])}${pick(['', '-alpine3.9', '-alpine3.20', '-alpine'])}`;
    }).map(parseTag);
    const pairs = tags
      .flatMap(a => tags.map(b => [a, b]))
      .filter(([a, b]) => a.family === b.family);
    for (const [a, b] of pairs) {
      const order = Math.sign(compareTags(a, b));
      expect(order).toBe(-Math.sign(compareTags(b, a)) + 0);
      expect(Math.sign(keyOrder(a.tag, b.tag))).toBe(order);
      expect(order === 0).toBe(a.tag === b.tag);
    }
  });
});

function keyOrder(a: string, b: string): number {
  return Buffer.compare(
    Buffer.from(versionKey(parseTag(a))),
    Buffer.from(versionKey(parseTag(b))),
  );
}

/** A small linear congruential generator, so that a failure can be repeated. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
