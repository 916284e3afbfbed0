import {
  baseVersionKey,
  compareCoreVersions,
  formatBaseTag,
  invertBaseTag,
} from './baseTag';

const DEFAULT = '{{ upstreamTag }}-core{{ coreVersion }}';

describe('base tags', () => {
  it.each([
    [DEFAULT, '3.21.3', '1.0.0', '3.21.3-core1.0.0'],
    [DEFAULT, '3.12-core2', '1.4', '3.12-core2-core1.4'],
    ['org{{coreVersion}}_{{upstreamTag}}', 'bookworm', '2', 'org2_bookworm'],
    ['v{{ upstreamTag }}.c{{ coreVersion }}-x', '1.2', '1', 'v1.2.c1-x'],
  ])('%s both ways', (format, upstreamTag, coreVersion, tag) => {
    expect(formatBaseTag(format, { upstreamTag, coreVersion })).toBe(tag);
    expect(invertBaseTag(format, tag)).toEqual({ upstreamTag, coreVersion });
  });

  it.each([
    [DEFAULT, '3.21.3'],
    [DEFAULT, '3.21.3-core1.0.0-debug'],
    [DEFAULT, '3.21.3-core1.2.3.4'],
    [DEFAULT, '-core1.0.0'],
    ['v{{ upstreamTag }}.c{{ coreVersion }}', 'v1-c1'],
  ])('%s did not make %s', (format, tag) => {
    expect(invertBaseTag(format, tag)).toBeUndefined();
  });

  it('refuses a tag of over 128 characters', () => {
    const parts = { upstreamTag: '1'.repeat(118), coreVersion: '1.0.0' };
    expect(formatBaseTag(DEFAULT, parts)).toHaveLength(128);
    expect(() =>
      formatBaseTag(DEFAULT, { ...parts, coreVersion: '1.0.10' }),
    ).toThrow(/no tag of at most 128 .*tagFormat/);
  });

  it.each([
    ['1.0.0', '1', 0],
    ['1.2', '1.10', -1],
    ['2.0.0', '1.99.99', 1],
    ['1.0.01', '1.0.1', 0],
    ['9', '10', -1],
  ])('%s against %s', (a, b, order) => {
    expect(compareCoreVersions(a, b)).toBe(order);
    expect(compareCoreVersions(b, a)).toBe(order === 0 ? 0 : -order);
  });

  it('sorts bases by bytes: upstream first, then core version', () => {
    const inOrder = [
      ['3.21.2', '1.10.0'],
      ['3.21.3', '1.0.0'],
      ['3.21.3', '1.2.0'],
      ['3.21.3', '1.10.0'],
      ['3.21.3', '10'],
      ['3.21.10', '1.0.0'],
      ['3.21.10.1', '0.1'],
      ['3.22.0', '0'],
    ].map(([upstream, core]) => baseVersionKey(upstream, core));
    const sorted = [...inOrder].sort((a, b) =>
      Buffer.from(a).compare(Buffer.from(b)),
    );
    expect(sorted).toEqual(inOrder);
    expect(new Set(inOrder).size).toBe(inOrder.length);
  });
});
