import { parseChallenges } from './parseChallenges';

const bearer = (parameters: Record<string, string>) => ({
  scheme: 'bearer',
  parameters,
});
const basic = (realm: string) => ({ scheme: 'basic', parameters: { realm } });

describe('parseChallenges', () => {
  it.each([
    [
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/alpine:pull,push"',
      [
        bearer({
          realm: 'https://auth.docker.io/token',
          service: 'registry.docker.io',
          scope: 'repository:library/alpine:pull,push',
        }),
      ],
    ],
    ['Basic realm="a \\"b\\" \\\\ c"', [basic('a "b" \\ c')]],
    ['BASIC Realm=plain', [basic('plain')]],
    ['basic', [{ scheme: 'basic', parameters: {} }]],
    [
      'Bearer realm="https://a/?x=1,2" , service=s, Basic realm="b, c"',
      [bearer({ realm: 'https://a/?x=1,2', service: 's' }), basic('b, c')],
    ],
    [
      ['Bearer realm="x"', 'Basic realm="y"'],
      [bearer({ realm: 'x' }), basic('y')],
    ],
    [
      'Negotiate YWJj==, Basic realm="y"',
      [{ scheme: 'negotiate', parameters: {} }, basic('y')],
    ],
    [
      'Negotiate, Basic realm="y"',
      [{ scheme: 'negotiate', parameters: {} }, basic('y')],
    ],
    [
      'Bearer realm = "x" ,, error="invalid_token"',
      [bearer({ realm: 'x', error: 'invalid_token' })],
    ],
    ['Bearer realm="cut off', [bearer({ realm: 'cut off' })]],
    ['"', []],
    ['', []],
    [undefined, []],
  ])('reads %j', (header, expected) => {
    expect(parseChallenges(header)).toEqual(expected);
  });

  it('is quick on long nonsense', () => {
    const started = Date.now();
    parseChallenges(`Bearer ${'a='.repeat(50_000)}`);
    parseChallenges(`Bearer ${' '.repeat(100_000)}x`);
    parseChallenges(`Bearer realm="${'\\'.repeat(100_001)}`);
    expect(Date.now() - started).toBeLessThan(2_000);
  });
});
