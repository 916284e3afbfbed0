import { expandHeredoc, expandWord } from './expandWord';
import { splitWords } from './splitWords';

const values: Record<string, string> = {
  x: 'X',
  empty: '',
  _a1: 'A',
  v: 'v1.2.3-rc',
  s: 'a*b}',
  star: '*',
};
const variables = (name: string) => values[name];

describe('expandWord', () => {
  it.each([
    ['$x', 'X'],
    ['${x}y$_a1-$nope.', 'XyA-.'],
    ['"$x $x"', 'X X'],
    ["'$x'", '$x'],
    ['\\$x', '$x'],
    ['"\\$x \\" \\n"', '$x " \\n'],
    ['a\\ b', 'a b'],
    ['${nope:-d}${empty:-d}${empty-d}${x:-d}', 'ddX'],
    ['${nope:+d}${empty:+d}${empty+e}${x:+d}', 'ed'],
    ['${nope:-${x}-"q r"}', 'X-q r'],
    ['${x:?no}${empty?no}', 'X'],
    [
      '${v#v}|${v#w}|${v#*.}|${v##*.}|${nope#v}',
      '1.2.3-rc|v1.2.3-rc|2.3-rc|3-rc|',
    ],
    ['${v%-rc}|${v%.*}|${v%%.*}|${v%?}', 'v1.2.3|v1.2|v1|v1.2.3-r'],
    [
      '${v/./_}|${v//./_}|${v/[/x}|${v/.*./}',
      'v1_2.3-rc|v1_2_3-rc|v1.2.3-rc|v13-rc',
    ],
    ['${s#a\\*}|${s#a*}|${s//\\*/-}|${s//$star/-}', 'b}|*b}|a-b}|-'],
    ['${s/\\}/${x}}|${s%\\}}', 'a*bX|a*b'],
    ['${x#}${x%%}${x//x/y}', 'XXX'],
    ['$', '$'],
    ['a"b"\'c\'d', 'abcd'],
    ['', ''],
  ])('%s', (word, expected) => {
    expect(expandWord(word, '\\', variables)).toBe(expected);
  });

  it('takes another escape character', () => {
    expect(expandWord('c:\\x`$x', '`', variables)).toBe('c:\\x$x');
  });

  it.each([
    '"a',
    "'a",
    '${x',
    '${x:-a',
    '${}',
    '${x^y}',
    '${x/a}',
    '${x%',
    '${nope:?why}',
  ])('refuses %s', word => {
    expect(() => expandWord(word, '\\', variables)).toThrow(word);
  });
});

describe('expandHeredoc', () => {
  it.each([
    [`"$x" '\${x}' don't`, `"X" 'X' don't`],
    ['\\$x \\\\ \\n', '$x \\ n'],
  ])('%s', (content, expected) => {
    expect(expandHeredoc(content, variables)).toBe(expected);
  });
});

describe('splitWords', () => {
  it.each([
    ['a  b\tc', ['a', 'b', 'c']],
    ['a="b c" d=\'e "f\' g\\ h', ['a="b c"', "d='e \"f'", 'g\\ h']],
    ['a="x \\" y" b', ['a="x \\" y"', 'b']],
  ])('%s', (text, words) => {
    expect(splitWords(text, '\\')).toEqual(words);
  });
});
