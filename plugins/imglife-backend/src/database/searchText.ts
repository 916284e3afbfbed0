import type { Knex } from 'knex';

// PostgreSQL's trigrams are those of words, and would take a reference apart
// at these: `team-7/` would be looked up as `team` and as any 7. Capitals, which
// are free in what is lower case, stand for them and join it into one word.
const SEPARATORS = '-./:_';
const JOINTS = 'QXZJK';
const LIKE = `LIKE ? ESCAPE '\\'`;

/**
 * Narrows to references that have a text somewhere in them, in capitals or not.
 * Only tags can have capitals; and a text without a colon is in the repository
 * or in the tag, which PostgreSQL can estimate and tell sooner.
 */
export function whereReferenceHas(
  rows: Knex.QueryBuilder,
  table: string,
  search: string,
): Knex.QueryBuilder {
  const text = search.toLocaleLowerCase('en-US');
  const pattern = containing(text);
  return text.includes(':')
    ? rows.whereRaw(`${wholeReference(table)} ${LIKE}`, [pattern])
    : rows.whereRaw(
        `(${table}.repository ${LIKE} OR lower(${table}.tag) ${LIKE})`,
        [pattern, pattern],
      );
}

/**
 * Narrows to references that have a text in them, by the index of searches.
 * PostgreSQL only: SQLite's LIKE takes capitals for small letters.
 *
 * @param joined - as {@link joinLetters} gives it
 */
export function whereJoinedHas(
  rows: Knex.QueryBuilder,
  table: string,
  joined: string,
): Knex.QueryBuilder {
  return rows.whereRaw(`${joinedText(table)} ${LIKE}`, [containing(joined)]);
}

/** SQL of a reference as one word: what the index of searches is over. */
export function joinedText(table?: string): string {
  return `translate(${wholeReference(table)}, '${SEPARATORS}', '${JOINTS}')`;
}

/** A search as {@link joinedText} would have it. */
export function joinLetters(search: string): string {
  return [...search.toLocaleLowerCase('en-US')]
    .map(letter => JOINTS[SEPARATORS.indexOf(letter)] ?? letter)
    .join('');
}

/** Text that stands for itself in a LIKE whose escape character is `\`. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, match => `\\${match}`);
}

function containing(text: string): string {
  return `%${escapeLike(text)}%`;
}

function wholeReference(table?: string): string {
  const [repository, tag] = ['repository', 'tag'].map(column =>
    table ? `${table}.${column}` : column,
  );
  return `lower(${repository} || ':' || ${tag})`;
}
