import { baseKinds } from '@imglife/backstage-plugin-imglife-common';
import type { BaseTagTable } from '../database/tables';

/** The newest of a family, and the newest of one cycle of it. */
export interface NewestBases {
  latest?: BaseTagTable;
  latestInCycle?: BaseTagTable;
}

/**
 * The published base tags, by reference and by what they compete with: the
 * same name and family, and within it the cycle.
 */
export class PublishedBases {
  readonly #byReference = new Map<string, BaseTagTable>();
  readonly #families = new Map<string, BaseTagTable[]>();
  readonly #cycles = new Map<string, BaseTagTable[]>();
  readonly #onMirrors = new Map<string, BaseTagTable[]>();

  /** @param rows - every row of `base_tag` */
  static of(rows: BaseTagTable[]): PublishedBases {
    return new PublishedBases(rows);
  }

  private constructor(rows: BaseTagTable[]) {
    for (const row of rows) {
      this.#byReference.set(referenceOf(row), row);
      if (row.digest !== null && row.state !== 'withdrawn') {
        add(this.#families, familyKey(row), row);
        add(this.#cycles, cycleKey(row), row);
        add(this.#onMirrors, mirrorKey(repositoryBelow(row), row.family), row);
      }
    }
    for (const groups of [this.#families, this.#cycles]) {
      for (const group of groups.values()) {
        group.sort((a, b) => (a.version_key < b.version_key ? 1 : -1));
      }
    }
  }

  /** The base tag `host/path:tag`, published or not. */
  find(reference: string): BaseTagTable | undefined {
    return this.#byReference.get(reference);
  }

  /** The newest of name, family and cycle. */
  latestInCycle(row: BaseTagTable): BaseTagTable | undefined {
    return this.#inCycle(row)[0];
  }

  /** The newest of name and family, whatever its cycle. */
  latest(row: BaseTagTable): BaseTagTable | undefined {
    return this.#family(row)[0];
  }

  /**
   * When the first base newer than this one was published, ISO 8601 UTC.
   *
   * @param anyCycle - whether a newer cycle counts too
   */
  outdatedSince(row: BaseTagTable, anyCycle: boolean): string | undefined {
    const newer = (anyCycle ? this.#family(row) : this.#inCycle(row)).filter(
      other => other.version_key > row.version_key,
    );
    return newer
      .map(other => other.published_at)
      .filter(at => at !== null)
      .sort()[0];
  }

  /** Every published base, newest first within its family. */
  all(): BaseTagTable[] {
    return [...this.#families.values()].flat();
  }

  /**
   * What to build on instead of a mirrored tag: of the bases straight on that
   * repository and of that family those of one name, the least special first.
   *
   * @param mirror - `host/path` of the mirror, with family and cycle of the tag
   */
  insteadOf(mirror: {
    repository: string;
    family: string;
    cycle: string | null;
  }): NewestBases {
    const { repository, family, cycle } = mirror;
    const standing = this.#onMirrors.get(mirrorKey(repository, family)) ?? [];
    const [first] = [...standing].sort(bySpeciality);
    return {
      latest: first && this.latest(first),
      latestInCycle: first && this.latestInCycle({ ...first, cycle }),
    };
  }

  #family(row: BaseTagTable): BaseTagTable[] {
    return this.#families.get(familyKey(row)) ?? [];
  }

  #inCycle(row: BaseTagTable): BaseTagTable[] {
    return this.#cycles.get(cycleKey(row)) ?? [];
  }
}

/** `host/path:tag` of a row. */
export function referenceOf(row: { repository: string; tag: string }): string {
  return `${row.repository}:${row.tag}`;
}

/** Core bases before special ones, then by name. */
function bySpeciality(one: BaseTagTable, other: BaseTagTable): number {
  const rank = ({ kind }: BaseTagTable) =>
    (baseKinds as readonly string[]).indexOf(kind);
  return rank(one) - rank(other) || (one.name < other.name ? -1 : 1);
}

/** `host/path` of what a base is built on; empty when that is not known. */
function repositoryBelow({ mirror_reference: below }: BaseTagTable): string {
  return below?.slice(0, below.lastIndexOf(':')) ?? '';
}

function mirrorKey(repository: string, family: string): string {
  return JSON.stringify([repository, family]);
}

function familyKey(row: BaseTagTable): string {
  return JSON.stringify([row.name, row.family]);
}

function cycleKey(row: BaseTagTable): string {
  return JSON.stringify([row.name, row.family, row.cycle]);
}

function add<T>(groups: Map<string, T[]>, key: string, item: T): void {
  const group = groups.get(key);
  if (group) {
    group.push(item);
  } else {
    groups.set(key, [item]);
  }
}
