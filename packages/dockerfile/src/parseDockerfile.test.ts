import { parseDockerfile } from './parseDockerfile';

describe('parseDockerfile', () => {
  it('joins lines, leaves comments out and knows where each began', () => {
    const { escape, instructions } = parseDockerfile(
      [
        '# a comment',
        'ARG V=1',
        '',
        'from alpine',
        'LABEL a="b" \\',
        '  # within',
        '',
        '  c=d',
        'COPY --chown=1:2 --chmod=0644 a \\',
        ' /b',
        'CMD echo "a # b" && \\  ',
        '    echo c',
      ].join('\n'),
    );
    expect(escape).toBe('\\');
    expect(
      instructions.map(({ keyword, line, flags, text }) => [
        keyword,
        line,
        flags,
        text,
      ]),
    ).toEqual([
      ['ARG', 2, {}, 'V=1'],
      ['FROM', 4, {}, 'alpine'],
      ['LABEL', 5, {}, 'a="b"   c=d'],
      ['COPY', 9, { chown: '1:2', chmod: '0644' }, 'a  /b'],
      ['CMD', 11, {}, 'echo "a # b" &&     echo c'],
    ]);
  });

  it('keeps flags that stand several times', () => {
    const [, { flags, flagList }] = parseDockerfile(
      'FROM a\nCOPY --exclude=*.md --link --exclude=x . /d',
    ).instructions;
    expect(flags).toEqual({ exclude: 'x', link: '' });
    expect(flagList).toEqual([
      ['exclude', '*.md'],
      ['link', ''],
      ['exclude', 'x'],
    ]);
  });

  it('heeds the escape directive', () => {
    const { escape, instructions } = parseDockerfile(
      '# escape=`\nFROM a\nENV P=c:\\ `\n Q=d\n',
    );
    expect(escape).toBe('`');
    expect(instructions[1].text).toBe('P=c:\\  Q=d');
  });

  it('reads here-documents, and no instruction out of them', () => {
    const { instructions } = parseDockerfile(
      [
        'FROM x',
        'COPY <<EOF <<-"A-B" \\',
        '  # why',
        '  /d/',
        'RUN $x',
        '# text',
        'EOF',
        '\ttabs',
        '\tA-B',
        'ENV a=<<EOF',
      ].join('\n'),
    );
    expect(instructions.map(({ line, text }) => [line, text])).toEqual([
      [1, 'x'],
      [2, '<<EOF <<-"A-B"   /d/'],
      [10, 'a=<<EOF'],
    ]);
    expect(instructions[1].heredocs).toEqual([
      { name: 'EOF', expand: true, content: 'RUN $x\n# text\n' },
      { name: 'A-B', expand: false, content: 'tabs\n' },
    ]);
    expect(instructions[2].heredocs).toEqual([]);
    expect(() => parseDockerfile('FROM x\nCOPY <<EOF /\nhi')).toThrow(
      /^COPY in line 2 .*no line "EOF" ends/,
    );
  });

  it('refuses a file without instructions', () => {
    expect(() => parseDockerfile('# nothing\n')).toThrow(/no instruction/);
  });
});
