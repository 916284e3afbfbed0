import { parseMode } from './parseMode';

describe('parseMode', () => {
  it.each<[text: string, file: string, folder: string]>([
    // of a file 0640 and a folder 0750
    ['0644', '0644', '0644'],
    ['755', '0755', '0755'],
    ['4711', '4711', '4711'],
    ['0', '0000', '0000'],
    ['+x', '0751', '0751'],
    ['a+r', '0644', '0754'],
    ['u=rwX,go=rX', '0644', '0755'],
    ['g=u', '0660', '0770'],
    ['o=g,g-w', '0644', '0755'],
    ['u+s,g+s', '6640', '6750'],
    ['+t', '1640', '1750'],
    ['u+t', '0640', '0750'],
    ['go=', '0600', '0700'],
    ['ug+w-r', '0220', '0330'],
    ['a-rwx,u=r', '0400', '0400'],
    ['u=rwx,g=u-w', '0750', '0750'],
    ['u+', '0640', '0750'],
  ])('%s', (text, file, folder) => {
    const mode = parseMode(text);
    const shown = (bits: number) => bits.toString(8).padStart(4, '0');
    expect(shown(mode(0o640, false))).toBe(file);
    expect(shown(mode(0o750, true))).toBe(folder);
  });

  it('takes X as x for what somebody may execute', () => {
    expect(parseMode('o+X')(0o710, false)).toBe(0o711);
    expect(parseMode('o+X')(0o600, false)).toBe(0o600);
  });

  it.each(['', '9', '00644', 'x', 'u', 'u+y', 'u+r,', 'w=r', '+rug'])(
    'refuses "%s"',
    text => {
      expect(() => parseMode(text)).toThrow(
        `--chmod=${text} is no mode such as 0644 or u=rwX,go=rX`,
      );
    },
  );
});
