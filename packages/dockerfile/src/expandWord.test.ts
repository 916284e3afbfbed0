import { expandHeredoc, expandWord } from './expandWord';
import { splitWords } from './splitWords';

const values: Record<string, string> = { x: 'X', empty: '', _a1: 'A' };
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
    ['$', '$'],
    ['a"b"\'c\'d', 'abcd'],
    ['', ''],
  ])('%s', (word, expected) => {
    expect(expandWord(word, '\\', variables)).toBe(expected);
  });

  it('takes another escape character', () => {
    expect(expandWord('c:\\x`$x', '`', variables)).toBe('c:\\x$x');
  });

  it.each(['"a', "'a", '${x', '${x:-a', '${}', '${x%y}', '${nope:?why}'])(
    'refuses %s',
    word => {
      expect(() => expandWord(word, '\\', variables)).toThrow(word);
    },
  );
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
