import { imageForMachine, ownPlatform } from './imageForMachine';

const image = (platform: string) => ({ platform, digest: `of ${platform}` });

describe('imageForMachine', () => {
  it.each([
    [['linux/arm64', 'linux/amd64'], 'linux/amd64', 'linux/amd64'],
    [['linux/amd64/v3', 'linux/amd64'], 'linux/amd64', 'linux/amd64'],
    [['linux/arm/v6', 'linux/arm/v7'], 'linux/arm', 'linux/arm/v6'],
  ])('of %j takes for %s %s', (platforms, machine, taken) => {
    expect(imageForMachine(platforms.map(image), machine)).toEqual(
      image(taken),
    );
  });

  it('says what there is when nothing fits', () => {
    expect(() =>
      imageForMachine(['linux/arm64', 'linux/arm/v7'].map(image), 'linux/arm6'),
    ).toThrow(
      'the machine that would run it is linux/arm6, and the image is of linux/arm64, linux/arm/v7 alone; give the base smoke: []',
    );
  });

  it.each<[NodeJS.Architecture, string]>([
    ['x64', 'linux/amd64'],
    ['arm64', 'linux/arm64'],
    ['ppc64', 'linux/ppc64le'],
    ['s390x', 'linux/s390x'],
  ])('knows %s as %s', (architecture, platform) => {
    expect(ownPlatform(architecture)).toBe(platform);
  });
});
