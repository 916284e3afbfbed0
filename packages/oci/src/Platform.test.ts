import { formatPlatform, parsePlatform } from './Platform';

describe('platforms', () => {
  it.each([
    ['linux/amd64', 'linux/amd64'],
    ['linux/amd64/v1', 'linux/amd64'],
    ['linux/amd64/v3', 'linux/amd64/v3'],
    ['Linux/x86_64', 'linux/amd64'],
    ['linux/i386', 'linux/386'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/aarch64', 'linux/arm64'],
    ['linux/arm64/v9', 'linux/arm64/v9'],
    ['linux/arm', 'linux/arm/v7'],
    ['linux/arm/7', 'linux/arm/v7'],
    ['linux/arm/v6', 'linux/arm/v6'],
    ['linux/armel', 'linux/arm/v6'],
    ['macos/arm64', 'darwin/arm64'],
  ])('normalises %s to %s', (text, expected) => {
    const platform = parsePlatform(text);
    expect(formatPlatform(platform)).toBe(expected);
    expect(parsePlatform(expected)).toEqual(platform);
  });

  it('formats a platform as a manifest has it', () => {
    expect(
      formatPlatform({ os: 'linux', architecture: 'arm64', variant: 'v8' }),
    ).toBe('linux/arm64');
    expect(
      formatPlatform({ os: 'linux', architecture: 'arm64', variant: '' }),
    ).toBe('linux/arm64');
  });

  it.each([
    ['linux', 'write os/architecture'],
    ['a/b/c/d', 'write os/architecture'],
    ['/amd64', `bad os ''`],
    ['linux/', `bad architecture ''`],
    ['linux/arm/', `bad variant ''`],
    ['linux/am d64', `bad architecture 'am d64'`],
  ])('refuses %j', (text, problem) => {
    expect(() => parsePlatform(text)).toThrow(problem);
  });
});
