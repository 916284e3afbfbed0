import {
  Dockerfile,
  DockerfileParser,
  From,
  Instruction,
} from 'dockerfile-ast';
import { UsageError } from './UsageError';

/** What decides which image a Dockerfile builds on. */
export interface DockerfileOptions {
  /** values of `--build-arg`, over the defaults of ARG */
  buildArgs: Record<string, string>;
  /** name or number of a stage; default the last one */
  target?: string;
}

/**
 * The image that the final stage of a Dockerfile is built on, its ARGs
 * resolved; `FROM stage` is followed.
 *
 * @throws UsageError - no FROM, no such stage, or an ARG without a value
 */
export function baseOfDockerfile(
  text: string,
  options: DockerfileOptions,
): string {
  const dockerfile = DockerfileParser.parse(text);
  const froms = dockerfile.getFROMs();
  const known = globalArgs(dockerfile, froms, options.buildArgs);
  const seen = new Set<number>();
  let at = stageNumber(froms, options.target);
  for (;;) {
    const image = froms[at].getImage();
    if (!image) {
      throw new UsageError(`line ${lineOf(froms[at])}: FROM names no image`);
    }
    const resolved = resolveFrom(image, known, lineOf(froms[at]));
    const stage = earlierStage(froms, at, resolved);
    if (stage === -1 || seen.has(stage)) {
      return resolved;
    }
    seen.add(stage);
    at = stage;
  }
}

/** The stage of that name before stage `at`; -1 when it is an image. */
function earlierStage(froms: From[], at: number, name: string): number {
  return froms
    .slice(0, at)
    .findIndex(
      from => from.getBuildStage()?.toLowerCase() === name.toLowerCase(),
    );
}

function stageNumber(froms: From[], target: string | undefined): number {
  if (froms.length === 0) {
    throw new UsageError('the Dockerfile has no FROM');
  }
  if (target === undefined) {
    return froms.length - 1;
  }
  const named = froms.findIndex(
    from => from.getBuildStage()?.toLowerCase() === target.toLowerCase(),
  );
  const found = named === -1 && /^\d+$/.test(target) ? Number(target) : named;
  if (!froms[found]) {
    throw new UsageError(
      `the Dockerfile has no stage ${JSON.stringify(target)}`,
    );
  }
  return found;
}

/** Only an ARG before the first FROM may be used in a FROM. */
function globalArgs(
  dockerfile: Dockerfile,
  froms: From[],
  buildArgs: Record<string, string>,
): Map<string, string> {
  const known = new Map<string, string>();
  const firstFrom = froms[0]?.getRange().start.line ?? 0;
  for (const arg of dockerfile.getARGs()) {
    if (arg.getRange().start.line > firstFrom) {
      continue;
    }
    for (const property of arg.getProperties()) {
      const name = property.getName();
      const value = buildArgs[name] ?? property.getValue() ?? undefined;
      if (value !== undefined) {
        // A default may name a variable that nobody sets: it is empty then
        known.set(
          name,
          substitute(value, known, () => ''),
        );
      }
    }
  }
  return known;
}

/** `FROM` with its variables replaced; one without a value is a fault. */
function resolveFrom(
  image: string,
  known: ReadonlyMap<string, string>,
  line: number,
): string {
  const resolved = substitute(image, known, name => {
    throw new UsageError(
      `line ${line}: ARG ${name} has no value: give it with --build-arg ${name}=…`,
    );
  });
  if (resolved.includes('$')) {
    throw new UsageError(
      `line ${line}: cannot resolve ${image}: name the base with --base`,
    );
  }
  return resolved;
}

/**
 * Replaces `$NAME`, `${NAME}` and its forms `-`, `+` with or without a colon
 * (Dockerfile reference, Environment replacement).
 */
function substitute(
  text: string,
  known: ReadonlyMap<string, string>,
  missing: (name: string) => string,
): string {
  return text.replace(
    /\$(?:(\w+)|\{(\w+)(?:(:?[-+])([^}$]*))?\})/g,
    (_all, bare, braced, operator, word) => {
      const name = bare ?? braced;
      const value = known.get(name);
      const isSet = operator?.startsWith(':')
        ? Boolean(value)
        : value !== undefined;
      if (operator?.endsWith('-')) {
        return isSet ? value! : word;
      }
      if (operator?.endsWith('+')) {
        return isSet ? word : '';
      }
      return value || missing(name);
    },
  );
}

function lineOf(instruction: Instruction): number {
  return instruction.getRange().start.line + 1;
}
