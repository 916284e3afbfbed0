import { parseHealthcheck } from './parseHealthcheck';

describe('parseHealthcheck', () => {
  it.each<[string, Record<string, string>, object]>([
    ['NONE', {}, { Test: ['NONE'] }],
    ['none', { interval: '1s' }, { Test: ['NONE'] }],
    ['CMD a  b || exit 1', {}, { Test: ['CMD-SHELL', 'a  b || exit 1'] }],
    ['cmd ["a", "b c"]', {}, { Test: ['CMD', 'a', 'b c'] }],
    ["CMD ['a']", {}, { Test: ['CMD-SHELL', "['a']"] }],
    [
      'CMD x',
      { interval: '1h2m3.5s', timeout: '.5s', 'start-period': '100ms' },
      {
        Test: ['CMD-SHELL', 'x'],
        Interval: 3_723_500_000_000,
        Timeout: 500_000_000,
        StartPeriod: 100_000_000,
      },
    ],
    // nothing is the default of the one who runs it
    [
      'CMD x',
      { interval: '0', timeout: '0s', retries: '0' },
      { Test: ['CMD-SHELL', 'x'] },
    ],
    ['CMD x', { retries: '3' }, { Test: ['CMD-SHELL', 'x'], Retries: 3 }],
  ])('%s with %j', (text, flags, expected) => {
    expect(parseHealthcheck(text, flags)).toEqual(expected);
  });

  it.each([
    ['', {}, /needs NONE, or CMD/],
    ['NONE x', {}, /needs NONE, or CMD/],
    ['CMD', {}, /needs NONE, or CMD/],
    ['CMD x', { interval: '10' }, /--interval=10 is no duration/],
    ['CMD x', { interval: '-1s' }, /--interval=-1s is no duration/],
    ['CMD x', { timeout: '1us' }, /--timeout=1us is under a millisecond/],
    ['CMD x', { retries: 'x' }, /--retries=x is no number/],
  ])('refuses %j with %j', (text, flags, fault) => {
    expect(() => parseHealthcheck(text, flags)).toThrow(fault);
  });
});
