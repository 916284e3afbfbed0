import { existsSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { isContextUrl } from './fields';
import type { Faults } from './Faults';
import { formatConfigPath } from './Faults';
import type { LooseValue } from './LooseValue';
import { mirrorNames } from './mirrorFaults';

function belowFaults(
  from: LooseValue,
  bases: ReadonlyMap<string, LooseValue>,
  faults: Faults,
): void {
  const [mirror, base] = [from.get('mirror'), from.get('base')];
  if (from.isBlock && mirror.isPresent === base.isPresent) {
    faults.add(from.path, 'needs either mirror or base: what it is built on');
  }
  if (base.text && !bases.has(base.text)) {
    const known = [...bases.keys()].sort().join(', ');
    faults.add(
      base.path,
      `there is no base "${base.text}" under imglife.bases.entries; known: ${known}`,
    );
  }
}

/** Each cycle once, at the first of its bases. */
function cycleFaults(
  bases: ReadonlyMap<string, LooseValue>,
  faults: Faults,
): void {
  const below = (name: string) => bases.get(name)?.get('from', 'base').text;
  const told = new Set<string>();
  for (const start of bases.keys()) {
    const path = [start];
    let next = below(start);
    while (next !== undefined && !path.includes(next)) {
      path.push(next);
      next = below(next);
    }
    if (next === start && !told.has(start)) {
      path.forEach(name => told.add(name));
      faults.add(
        bases.get(start)!.get('from', 'base').path,
        `is a cycle: ${[...path, start].join(' is built on ')}`,
      );
    }
  }
}

function fromFaults(
  from: LooseValue,
  mirrors: Set<string>,
  faults: Faults,
): void {
  const mirror = from.get('mirror');
  if (mirror.text && !mirrors.has(mirror.text)) {
    const known = [...mirrors].sort().join(', ') || 'none';
    faults.add(
      mirror.path,
      `there is no mirror "${mirror.text}" under imglife.mirrors.entries; known: ${known}`,
    );
  }
  const [tag, track, cycles] = ['tag', 'track', 'cycles'].map(key =>
    from.get(key),
  );
  if (!from.isBlock) {
    return;
  }
  if (tag.isPresent === track.isPresent) {
    faults.add(
      from.path,
      'needs either tag (one pinned tag) or track (latest-per-cycle, latest or all)',
    );
  } else if (tag.isPresent && cycles.isPresent) {
    faults.add(cycles.path, 'has no meaning beside tag; remove one of the two');
  }
}

function templateFault(entry: LooseValue, cwd: string): string | undefined {
  const template = entry.get('template').text;
  if (!template || template.includes('\n')) {
    return undefined;
  }
  const context = entry.get('context').text;
  if (!context) {
    return 'names a file, so that a context is needed; or write the Dockerfile here, with its line breaks';
  }
  if (isContextUrl(context)) {
    // whether the file is there is known when the tree is read
    return /^\/|(^|\/)\.\.(\/|$)/.test(template)
      ? 'must lie in the context folder'
      : undefined;
  }
  const folder = resolve(cwd, context);
  const file = resolve(folder, template);
  if (!existsSync(folder)) {
    return undefined;
  }
  if (!file.startsWith(folder + sep)) {
    return 'must lie in the context folder';
  }
  return existsSync(file) ? undefined : `there is no file ${file}`;
}

/**
 * Duplicate names, mirrors and bases that do not exist, cycles, sources that say too much or
 * too little, and templates that cannot be read.
 *
 * @param cwd - absolute folder that relative file names start from
 */
export function baseFaults(
  root: LooseValue,
  faults: Faults,
  cwd: string,
): void {
  const mirrors = mirrorNames(root);
  const seen = new Map<string, LooseValue>();
  const named = new Map(
    root.get('bases', 'entries').items.flatMap(entry => {
      const name = entry.get('name').text;
      return name === undefined ? [] : [[name, entry] as const];
    }),
  );
  cycleFaults(named, faults);
  for (const entry of root.get('bases', 'entries').items) {
    const name = entry.get('name');
    const first = name.text === undefined ? undefined : seen.get(name.text);
    if (first) {
      faults.add(
        name.path,
        `"${name.text}" is the name of ${formatConfigPath(
          first.path,
        )} too; choose another`,
      );
    } else if (name.text !== undefined) {
      seen.set(name.text, entry);
    }
    fromFaults(entry.get('from'), mirrors, faults);
    belowFaults(entry.get('from'), named, faults);
    const template = templateFault(entry, cwd);
    if (template) {
      faults.add(entry.get('template').path, template);
    }
  }
}
