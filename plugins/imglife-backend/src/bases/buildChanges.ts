import type {
  BuildChange,
  BuildReason,
} from '@imglife/backstage-plugin-imglife-common';
import type { PublishedInputs } from './buildReasons';
import type { InputHashes } from './inputHash';

const INPUT_OF: Partial<Record<BuildReason, keyof InputHashes>> = {
  'mirror-moved': 'mirror',
  'core-version': 'coreVersion',
  template: 'template',
  context: 'context',
  arguments: 'arguments',
  compression: 'compression',
  platforms: 'platforms',
};

function valueOf(
  inputs: InputHashes | undefined,
  input: keyof InputHashes,
): string | null {
  if (input === 'compression' && inputs) {
    return inputs.compression ?? 'gzip';
  }
  return inputs?.[input] ?? null;
}

function newest(
  published: ReadonlyArray<PublishedInputs>,
): PublishedInputs | undefined {
  return [...published].sort((a, b) =>
    a.versionKey < b.versionKey ? 1 : -1,
  )[0];
}

/**
 * The reasons to build with what was and what is. What was is the same tag as
 * published, else the newest of the same upstream tag, else the newest of the
 * base.
 *
 * @param published - every published tag of the base
 */
export function buildChanges(
  reasons: ReadonlyArray<BuildReason>,
  wanted: PublishedInputs,
  published: ReadonlyArray<PublishedInputs>,
): BuildChange[] {
  const sameUpstream = published.filter(
    ({ upstreamTag }) => upstreamTag === wanted.upstreamTag,
  );
  const before =
    published.find(({ tag }) => tag === wanted.tag) ??
    newest(sameUpstream) ??
    newest(published);
  return reasons.map(reason => {
    const input = INPUT_OF[reason];
    if (input) {
      const from = valueOf(before?.inputs, input);
      return { reason, from, to: valueOf(wanted.inputs, input) };
    }
    switch (reason) {
      case 'new-upstream-tag':
        return {
          reason,
          from: before?.upstreamTag ?? null,
          to: wanted.upstreamTag,
        };
      case 'tag-format':
        return { reason, from: before?.tag ?? null, to: wanted.tag };
      case 'first-build':
        return { reason, from: null, to: wanted.upstreamTag };
      default:
        return { reason, from: null, to: null };
    }
  });
}
