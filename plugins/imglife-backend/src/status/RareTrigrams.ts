import type { Knex } from 'knex';
import { isPostgres } from '../applications/applicationRows';
import { keptFor } from '../keptFor';
import { joinedText, joinLetters } from '../database/searchText';

const SAMPLE_ROWS = 2_000;
/** With fewer rows than these, going past all of them is as good. */
const FEW_ROWS = 5_000;
const SAMPLE_MS = 10 * 60_000;
const PART_LENGTHS = [3, 4, 5, 6];
/** A row that is read costs as much as so many entries of a trigram's list. */
const ROW_COST = 1_000;
const COMMON_SHARE = 0.5;
/** What is not in the sample is rare, and not absent. */
const UNSEEN = 0.5;

/** How a search of applications is best gone about. */
export interface SearchPlan {
  /**
   * what of it, its letters joined, is looked up in the index; undefined = rows
   * are gone past
   */
  part?: string;
  /** so many match that enough are soon met */
  isCommon: boolean;
}

interface Sample {
  /** in how many of the references two or three letters are */
  counts: Map<string, number>;
  /** none where PostgreSQL has not analyzed the table yet */
  references: number;
}

/**
 * Which part of a search is rare. The index reads the list of each trigram that
 * it is asked for, and every reference has those of `apps/team-`: by `Q137Z`
 * alone `team-137/` is found among a million five times as fast. A sample of
 * the table tells which; where it errs, a search is slower and no less right.
 */
export class RareTrigrams {
  readonly #knex: Knex;
  readonly #current: () => Promise<Sample | undefined>;

  static create(options: { knex: Knex; now: () => Date }): RareTrigrams {
    return new RareTrigrams(options);
  }

  private constructor(options: { knex: Knex; now: () => Date }) {
    this.#knex = options.knex;
    this.#current = keptFor(SAMPLE_MS, options.now, () => this.#read());
  }

  /** The plan for a search; reads a sample at the first and then every 10 min. */
  async plan(search: string): Promise<SearchPlan> {
    const sample = await this.#current();
    const letters = joinLetters(search);
    if (!sample || letters.length < 3) {
      return { isCommon: false };
    }
    if (!sample.references) {
      return { part: letters, isCommon: false };
    }
    const parts = PART_LENGTHS.flatMap(length => windows(letters, length));
    const costs = parts.map(part => costOf(part, sample));
    const part = parts[costs.indexOf(Math.min(...costs))];
    return rowsWith(part, sample) < sample.references * COMMON_SHARE
      ? { part, isCommon: false }
      : { isCommon: true };
  }

  async #read(): Promise<Sample | undefined> {
    if (!isPostgres(this.#knex)) {
      return undefined;
    }
    const {
      rows: [{ rows: estimated }],
    } = await this.#knex.raw(
      `SELECT reltuples AS rows FROM pg_class WHERE oid = 'application'::regclass`,
    );
    if (estimated >= 0 && estimated < FEW_ROWS) {
      return undefined;
    }
    if (estimated < 0) {
      return { counts: new Map(), references: 0 };
    }
    const { rows } = await this.#knex.raw(
      `SELECT ${joinedText()} AS text FROM application TABLESAMPLE SYSTEM (?)`,
      [Math.min(100, (100 * SAMPLE_ROWS) / estimated)],
    );
    const counts = new Map<string, number>();
    for (const { text } of rows as Array<{ text: string }>) {
      for (const few of new Set([...windows(text, 2), ...windows(text, 3)])) {
        counts.set(few, (counts.get(few) ?? 0) + 1);
      }
    }
    return { counts, references: rows.length };
  }
}

/** Of looking a part up, in entries of the sample's lists. */
function costOf(part: string, sample: Sample): number {
  const entries = windows(part, 3).map(trigram => count(trigram, sample));
  return (
    entries.reduce((sum, many) => sum + many, 0) +
    ROW_COST * rowsWith(part, sample)
  );
}

/**
 * How many of the sample's references have a part: each letter as likely as it
 * is after the two before it.
 */
function rowsWith(part: string, sample: Sample): number {
  const [first, ...others] = windows(part, 3);
  return others.reduce(
    (rows, trigram) =>
      (rows * count(trigram, sample)) / count(trigram.slice(0, 2), sample),
    count(first, sample),
  );
}

function count(few: string, { counts }: Sample): number {
  return counts.get(few) ?? UNSEEN;
}

/** All stretches of so many letters, or the text where it has no more. */
function windows(text: string, length: number): string[] {
  const stretches = [text.slice(0, length)];
  for (let end = length + 1; end <= text.length; end += 1) {
    stretches.push(text.slice(end - length, end));
  }
  return stretches;
}
