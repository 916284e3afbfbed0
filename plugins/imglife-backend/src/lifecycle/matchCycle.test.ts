import { matchCycle } from './matchCycle';

const cycles = [
  { product: 'x', name: '3.21' },
  { product: 'x', name: '3.2' },
  { product: 'x', name: '3' },
  { product: 'x', name: '12', codename: 'Bookworm' },
  { product: 'x', name: '22.04', codename: 'Jammy Jellyfish' },
];

describe('matchCycle', () => {
  it.each([
    ['3.21', '3.21'],
    ['3.21.3', '3.21'],
    ['3.2.1', '3.2'],
    ['3.20.1', '3'],
    ['3', '3'],
    ['12.8', '12'],
    ['bookworm', '12'],
    ['BOOKWORM', '12'],
    ['jammy', '22.04'],
    ['jellyfish', undefined],
    ['1.21', undefined],
    ['31.2', undefined],
    ['22', undefined],
    ['', undefined],
  ])('%s is of cycle %s', (version, cycle) => {
    expect(matchCycle(cycles, version)?.name).toBe(cycle);
  });
});
