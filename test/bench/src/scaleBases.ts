import { parseTag, versionKey } from '@imglife/backstage-plugin-imglife-common';
import { createHash } from 'node:crypto';

const NAMES = 30;
const CYCLES = 10;
const TAGS_PER_CYCLE = 10;

/** How many base tags there are. */
export const BASES = NAMES * CYCLES * TAGS_PER_CYCLE;

/** A base tag as its rows are filled from it; keys are those of the columns. */
export interface ScaleBase {
  /** 0 to {@link BASES} - 1 */
  number: number;
  name: string;
  repository: string;
  tag: string;
  mirror_repository: string;
  upstream_version: string;
  version_key: string;
  mirror_version_key: string;
  cycle: string;
  digest: string;
  child_digest: string;
  chain_id: string;
}

/** `sha256:…` of some words. */
export function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** The one layer of a base, which is its chain as well. */
export function layerOfBase(number: number): string {
  return digestOf(`layer of base ${number}`);
}

/** Thirty names with ten cycles of ten tags. */
export function scaleBases(host: string): ScaleBase[] {
  return Array.from({ length: BASES }, (_, number) => {
    const name = `base-${number % NAMES}`;
    const place = Math.floor(number / NAMES);
    const cycle = `1.${Math.floor(place / TAGS_PER_CYCLE)}`;
    const upstream = `${cycle}.${place % TAGS_PER_CYCLE}`;
    const tag = `${upstream}-core1.0.0`;
    return {
      number,
      name,
      repository: `${host}/bases/${name}`,
      tag,
      mirror_repository: `${host}/mirrors/${name}`,
      upstream_version: upstream,
      version_key: versionKey(parseTag(tag)),
      mirror_version_key: versionKey(parseTag(upstream)),
      cycle,
      digest: digestOf(`base ${number}`),
      child_digest: digestOf(`child of base ${number}`),
      chain_id: layerOfBase(number),
    };
  });
}

/** End of life by cycle: some ended, some soon, most later. */
export function scaleLifecycle(now: Date): object {
  return {
    name: 'bench-linux',
    releases: Array.from({ length: CYCLES }, (_, cycle) => ({
      name: `1.${cycle}`,
      eolFrom: new Date(now.getTime() + (cycle * 100 - 215) * 86_400_000)
        .toISOString()
        .slice(0, 10),
    })),
  };
}
