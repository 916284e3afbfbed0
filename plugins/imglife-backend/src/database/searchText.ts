import type { Knex } from 'knex';

// PostgreSQL's trigrams are those of words, and would take a reference apart
// at these: `team-7/` would be looked up as `team` and as any 7. Capitals, which
// are free in what is lower case, stand for them and join it into one word.
const SEPARATORS = '-./:_';
const JOINTS = 'QXZJK';

/** SQL of the text that a search of references looks in. */
export function searchedText(knex: Knex, table?: string): string {
  const [repository, tag] = ['repository', 'tag'].map(column =>
    table ? `${table}.${column}` : column,
  );
  const text = `lower(${repository} || ':' || ${tag})`;
  return joins(knex)
    ? `translate(${text}, '${SEPARATORS}', '${JOINTS}')`
    : text;
}

/** What {@link searchedText} is LIKE, with `\` as its escape character. */
export function searchPattern(knex: Knex, search: string): string {
  const lower = search.toLocaleLowerCase('en-US');
  const joined = joins(knex)
    ? [...lower]
        .map(letter => JOINTS[SEPARATORS.indexOf(letter)] ?? letter)
        .join('')
    : lower;
  return `%${escapeLike(joined)}%`;
}

/** Text that stands for itself in a LIKE whose escape character is `\`. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, match => `\\${match}`);
}

/** SQLite has no trigrams, and its LIKE takes capitals for small letters. */
function joins(knex: Knex): boolean {
  return knex.client.config.client === 'pg';
}
