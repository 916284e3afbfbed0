import type {
  BaseDefinition,
  MirrorDefinition,
} from '../definitions/Definitions';
import { mirrorBelow, orderBases } from './orderBases';

function base(name: string, from: object): BaseDefinition {
  return { name, from } as BaseDefinition;
}

const alpine = base('alpine', { mirror: 'alpine' });
const jre = base('jre', { base: 'alpine' });
const tomcat = base('tomcat', { base: 'jre' });
const debian = base('debian', { mirror: 'debian' });

describe('orderBases', () => {
  it.each<[string[], BaseDefinition[]]>([
    [
      ['alpine debian', 'jre', 'tomcat'],
      [tomcat, jre, alpine, debian],
    ],
    [['tomcat'], [tomcat]],
    [
      ['jre', 'tomcat'],
      [tomcat, jre],
    ],
    [[], []],
  ])('gives %j', (expected, given) => {
    expect(
      orderBases(given).map(group =>
        group
          .map(({ name }) => name)
          .sort()
          .join(' '),
      ),
    ).toEqual(expected);
  });
});

describe('mirrorBelow', () => {
  const mirrors = [{ name: 'alpine' }, { name: 'debian' }].map(
    each => each as MirrorDefinition,
  );

  it('goes down through bases', () => {
    const definitions = { bases: [tomcat, jre, alpine, debian], mirrors };
    expect(mirrorBelow(tomcat, definitions).name).toBe('alpine');
    expect(mirrorBelow(debian, definitions).name).toBe('debian');
    expect(() =>
      mirrorBelow(tomcat, { bases: [tomcat, jre], mirrors }),
    ).toThrow('There is no base "alpine", which base jre is built on');
    expect(() => mirrorBelow(debian, { bases: [], mirrors: [] })).toThrow(
      'There is no mirror "debian", which base debian follows',
    );
  });
});
