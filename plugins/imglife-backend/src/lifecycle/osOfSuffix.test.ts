import { fixtureProducts } from './__fixtures__/fixtureProducts';
import type { Cycle } from './LifecycleService';
import { osOfSuffix } from './osOfSuffix';

const ubuntu: Cycle[] = [
  { product: 'ubuntu', name: '24.04', codename: 'Noble Numbat' },
  { product: 'ubuntu', name: '22.04', codename: 'Jammy Jellyfish' },
];

function cyclesOf(product: string): readonly Cycle[] {
  return product === 'ubuntu'
    ? ubuntu
    : fixtureProducts.find(({ name }) => name === product)?.cycles ?? [];
}

describe('osOfSuffix', () => {
  it.each([
    ['-alpine3.21', 'alpine-linux', '3.21'],
    ['-jre-alpine-3.20', 'alpine-linux', '3.20'],
    ['-alpine3.19.2', 'alpine-linux', '3.19'],
    ['-bookworm', 'debian', '12'],
    ['-bookworm-slim', 'debian', '12'],
    ['-slim-trixie', 'debian', '13'],
    ['-jdk-noble', 'ubuntu', '24.04'],
    ['-jammy', 'ubuntu', '22.04'],
    ['-debian-12-r5', 'debian', '12'],
    ['-ubuntu22.04', 'ubuntu', '22.04'],
    ['bookworm-20250224-slim', 'debian', '12'],
  ])('%s names %s %s', (suffix, product, name) => {
    expect(osOfSuffix(suffix, cyclesOf)).toMatchObject({ product, name });
  });

  it.each([
    '',
    '-alpine',
    '-jre-alpine',
    '-slim',
    '-alpine3.99',
    '-fpm-alpine-bare',
    '-windowsservercore-ltsc2022',
  ])('%s names none that is known', suffix => {
    expect(osOfSuffix(suffix, cyclesOf)).toBeUndefined();
  });
});
