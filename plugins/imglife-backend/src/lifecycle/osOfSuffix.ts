import type { Cycle } from './LifecycleService';
import { matchCycle } from './matchCycle';

/** The operating systems that tags of other products name. */
export const osProducts = ['alpine-linux', 'debian', 'ubuntu'] as const;

const productsByWord: ReadonlyMap<string, string> = new Map([
  ['alpine', 'alpine-linux'],
  ['debian', 'debian'],
  ['ubuntu', 'ubuntu'],
]);

/**
 * The operating system a tag's words name: `alpine3.21`, `alpine-3.21`,
 * `bookworm-slim`, `jammy`. A name without a version (`alpine`) says too
 * little, and is none.
 *
 * @param text - a tag's suffix, or a tag without a version
 * @param cyclesOf - the known cycles of a product
 */
export function osOfSuffix(
  text: string,
  cyclesOf: (product: string) => readonly Cycle[],
): Cycle | undefined {
  const words = text.toLowerCase().split('-');
  for (const [index, word] of words.entries()) {
    const [, name, attached] = /^([a-z]+)(\d[\d.]*)?$/.exec(word) ?? [];
    const product = productsByWord.get(name);
    const version = attached ?? words[index + 1];
    const named =
      product && version !== undefined && /^\d/.test(version)
        ? matchCycle(cyclesOf(product), version)
        : undefined;
    if (named) {
      return named;
    }
    const byCodename = /^[a-z]+$/.test(word)
      ? ['debian', 'ubuntu']
          .map(other => matchCycle(cyclesOf(other), word))
          .find(cycle => cycle !== undefined)
      : undefined;
    if (byCodename) {
      return byCodename;
    }
  }
  return undefined;
}
