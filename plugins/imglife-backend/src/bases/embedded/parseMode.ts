import { InputError } from '@backstage/errors';

/** Permission bits of a file or folder that `--chmod` changes. */
export type ModeChange = (mode: number, isFolder: boolean) => number;

const CLAUSE = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/;
const CHANGE = /([-+=])([ugo](?![rwxXst])|[rwxXst]*)/g;
const SHIFT: Record<string, number> = { u: 6, g: 3, o: 0 };
const SPECIAL: Record<string, number> = { u: 0o4000, g: 0o2000, o: 0o1000 };
const BITS: Record<string, number> = { r: 4, w: 2, x: 1 };
const ANY_EXECUTE = 0o111;

/** What `rwxXst`, or the class whose bits are taken over, means for one class. */
function bitsFor(
  who: string,
  wanted: string,
  { mode, isFolder }: { mode: number; isFolder: boolean },
): number {
  const isExecuted = isFolder || (mode & ANY_EXECUTE) !== 0;
  return [...wanted].reduce((bits, letter) => {
    if (letter in SHIFT) {
      return bits | (((mode >> SHIFT[letter]) & 7) << SHIFT[who]);
    }
    if (letter === 'X') {
      return isExecuted ? bits | (BITS.x << SHIFT[who]) : bits;
    }
    const isSpecial = letter === (who === 'o' ? 't' : 's');
    return (
      bits | (isSpecial ? SPECIAL[who] : (BITS[letter] ?? 0) << SHIFT[who])
    );
  }, 0);
}

function applyClause(clause: string, mode: number, isFolder: boolean): number {
  const [, named, changes] = CLAUSE.exec(clause) ?? [];
  const classes = !named || named.includes('a') ? ['u', 'g', 'o'] : [...named];
  let changed = mode;
  for (const [, operator, wanted] of changes.matchAll(CHANGE)) {
    const before = { mode: changed, isFolder };
    for (const who of new Set(classes)) {
      const bits = bitsFor(who, wanted, before);
      const all = (7 << SHIFT[who]) | SPECIAL[who];
      const kept = operator === '=' ? changed & ~all : changed;
      changed = operator === '-' ? kept & ~bits : kept | bits;
    }
  }
  return changed;
}

/**
 * `--chmod`, octal (`0644`) or symbolic (`u=rwX,go=rX`, `+x`, `g=u`; chmod(1)).
 * There is no umask: `+x` is `a+x`.
 *
 * @throws InputError - it is neither
 */
export function parseMode(text: string): ModeChange {
  if (/^[0-7]{1,4}$/.test(text)) {
    return () => parseInt(text, 8);
  }
  const clauses = text.split(',');
  if (!clauses.every(clause => CLAUSE.test(clause))) {
    throw new InputError(
      `--chmod=${text} is no mode such as 0644 or u=rwX,go=rX`,
    );
  }
  return (mode, isFolder) =>
    clauses.reduce(
      (changed, clause) => applyClause(clause, changed, isFolder),
      mode,
    );
}
