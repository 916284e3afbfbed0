import { exportDockerfile } from './exportDockerfile';

const args = { TEAM: 'a "b" $c \\d `e', PROXY: 'http://p' };
const labels = { 'org.opencontainers.image.title': 'alpine' };

function exported(dockerfile: string, platform?: string) {
  return exportDockerfile(dockerfile, { args, labels: {}, platform });
}

describe('exportDockerfile', () => {
  it.each<[string, string, string]>([
    [
      'the values of arguments in place of their defaults',
      'FROM a\nARG TEAM\nRUN x\n',
      'FROM a\nARG TEAM="a \\"b\\" \\$c \\\\d `e"\nRUN x\n',
    ],
    [
      "the file's own escape character",
      '# escape=`\nFROM a\nARG TEAM=x',
      '# escape=`\nFROM a\nARG TEAM="a `"b`" `$c \\d ``e"\n',
    ],
    [
      'before the first FROM, several in one, after continued lines',
      'ARG PROXY \\\n  OTHER=1\n# why\nFROM a\n',
      'ARG PROXY \\\n  OTHER=1\n# why\nARG PROXY="http://p"\nFROM a\n',
    ],
    [
      'nothing in a here-document',
      'FROM a\nRUN <<EOF\nARG TEAM\nFROM b\nEOF\n',
      'FROM a\nRUN <<EOF\nARG TEAM\nFROM b\nEOF\n',
    ],
  ])('writes %s', (_name, dockerfile, expected) => {
    expect(exported(dockerfile)).toBe(expected);
  });

  it('names the platform of every image, and of nothing else', () => {
    const dockerfile =
      'FROM reg.test/go:1@sha256:1 AS Build\nfrom  a\nFROM build\nFROM scratch\nFROM --platform=$BUILDPLATFORM b\nRUN <<E\nFROM c\nE\n';
    expect(exported(dockerfile, 'linux/arm64')).toBe(
      dockerfile
        .replace('FROM reg', 'FROM --platform=linux/arm64 reg')
        .replace('from  a', 'from  --platform=linux/arm64 a'),
    );
  });

  it('ends with the labels, in the last stage', () => {
    expect(exportDockerfile('FROM a\nUSER 1\n\n', { args, labels })).toBe(
      'FROM a\nUSER 1\nLABEL "org.opencontainers.image.title"="alpine"\n',
    );
  });

  it('refuses what cannot stand in a Dockerfile', () => {
    const options = { args: { TEAM: 'a\nb' }, labels };
    expect(() => exportDockerfile('FROM a\nARG TEAM\n', options)).toThrow(
      'args.TEAM holds a line break',
    );
  });
});
