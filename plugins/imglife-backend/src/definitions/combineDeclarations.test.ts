import { combineDeclarations, locate } from './combineDeclarations';

const url = 'https://git.example.com/platform/imglife.yaml';
const resolveUrl = (of: { url: string; base: string }) =>
  new URL(of.url, of.base).href;

function combine(value: unknown, ...contents: string[]) {
  const files = contents.map((content, index) => ({
    url: index ? `https://git.example.com/${index}.yaml` : url,
    content,
  }));
  return combineDeclarations(value, files, resolveUrl);
}

describe('combineDeclarations', () => {
  const value = {
    registries: [],
    mirrors: { schedule: 's', entries: [{ source: 'a' }] },
  };

  it('joins entries and exemptions, and remembers where each comes from', () => {
    const combined = combine(
      value,
      'mirrors:\n  entries:\n    - source: b\nbases:\n  coreVersion: 1.0.0\n',
      '{"mirrors": {"entries": [{"source": "c"}]}, "policy": {"exemptions": [{"reason": "r"}]}}',
    );
    expect(combined.value).toEqual({
      registries: [],
      mirrors: {
        schedule: 's',
        entries: [{ source: 'a' }, { source: 'b' }, { source: 'c' }],
      },
      bases: { coreVersion: '1.0.0' },
      policy: { exemptions: [{ reason: 'r' }] },
    });
    expect(
      locate(
        'imglife.mirrors.entries[0].source imglife.mirrors.entries[2].source imglife.bases.coreVersion',
        combined.origins,
      ),
    ).toBe(
      `imglife.mirrors.entries[0].source https://git.example.com/1.yaml: mirrors.entries[0].source ${url}: bases.coreVersion`,
    );
    expect(value.mirrors.entries).toHaveLength(1);
  });

  it('leaves app-config as it is without files', () => {
    expect(combine('nonsense').value).toBe('nonsense');
    expect(combine(value, '').value).toEqual(value);
  });

  it('makes contexts absolute, so that none is a folder of this machine', () => {
    const { value: combined } = combine(
      {},
      'bases:\n  entries:\n    - { name: a, context: images/a }\n    - { name: b, context: /etc }\n    - { name: c, context: "https://x.example.com/c" }\n',
    );
    expect(combined).toEqual({
      bases: {
        entries: [
          { name: 'a', context: 'https://git.example.com/platform/images/a' },
          { name: 'b', context: 'https://git.example.com/etc' },
          { name: 'c', context: 'https://x.example.com/c' },
        ],
      },
    });
  });

  it.each([
    ['a: [', /imglife\.yaml: line 1: Flow sequence/],
    ['a: 1\nb: 2\na: 3\n', /imglife\.yaml: line 3: Map keys must be unique/],
    ['- a', /imglife\.yaml: must be a block with the keys mirrors, bases/],
    ['registries: []', /imglife\.yaml: registries: unknown key/],
    ['tiers: {}', /imglife\.yaml: tiers: unknown key/],
    ['mirrors: []', /imglife\.yaml: mirrors: must be a block/],
    [
      'mirrors: { schedule: other }',
      /imglife\.yaml: mirrors\.schedule: is given by imglife\.mirrors\.schedule too/,
    ],
    ['a: &a [x]\nb: [*a,*a,*c]', /imglife\.yaml: Unresolved alias/],
  ])('refuses %j', (content, message) => {
    expect(() => combine(value, content)).toThrow(message);
  });

  it('names both files that give one key', () => {
    expect(() =>
      combine({}, 'policy: { warnDays: 1 }', 'policy: { warnDays: 2 }'),
    ).toThrow(
      `https://git.example.com/1.yaml: policy.warnDays: is given by ${url}: policy.warnDays too; keep it in one place`,
    );
  });

  it('does not blow up on aliases of aliases', () => {
    const bomb = `mirrors:\n  a: &a [x, x, x, x, x, x, x, x, x, x]\n${[
      ...'bcdefgh',
    ]
      .map((key, index) => {
        const last = `*${'abcdefg'[index]}`;
        return `  ${key}: &${key} [${Array(10).fill(last).join(', ')}]\n`;
      })
      .join('')}`;
    expect(() => combine({}, bomb)).toThrow(/alias/);
  });
});
