import { NotFoundError } from '@backstage/errors';
import type {
  BaseDefinition,
  MirrorDefinition,
} from '../definitions/Definitions';

/**
 * Bases in the order in which they are built: each group stands only on
 * groups before it. A base whose own base is not among the given is in the
 * first. Declarations have no cycles (`baseFaults`).
 */
export function orderBases(
  bases: ReadonlyArray<BaseDefinition>,
): BaseDefinition[][] {
  const groups: BaseDefinition[][] = [];
  let waiting = [...bases];
  while (waiting.length) {
    const names = new Set(waiting.map(({ name }) => name));
    const isReady = ({ from }: BaseDefinition) =>
      from.base === undefined || !names.has(from.base);
    const ready = waiting.filter(isReady);
    // a cycle cannot be declared; were there one, this still ends
    const group = ready.length ? ready : waiting;
    groups.push(group);
    waiting = waiting.filter(base => !group.includes(base));
  }
  return groups;
}

/**
 * The mirror at the bottom of a base, through the bases it is built on.
 *
 * @throws NotFoundError - a base or the mirror is not declared
 */
export function mirrorBelow(
  base: BaseDefinition,
  definitions: {
    bases: ReadonlyArray<BaseDefinition>;
    mirrors: ReadonlyArray<MirrorDefinition>;
  },
): MirrorDefinition {
  let lowest: BaseDefinition = base;
  for (let depth = 0; lowest.from.base !== undefined; depth += 1) {
    const { base: name } = lowest.from;
    const below = definitions.bases.find(each => each.name === name);
    if (!below || depth > definitions.bases.length) {
      throw new NotFoundError(
        `There is no base "${name}", which base ${lowest.name} is built on`,
      );
    }
    lowest = below;
  }
  const { mirror: name } = lowest.from;
  const mirror = definitions.mirrors.find(each => each.name === name);
  if (!mirror) {
    throw new NotFoundError(
      `There is no mirror "${name}", which base ${lowest.name} follows`,
    );
  }
  return mirror;
}
