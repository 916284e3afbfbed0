import type {
  Detection,
  PlatformBase,
} from '@imglife/backstage-plugin-imglife-common';

/** What is known of how a base was found. */
export interface DetectionFacts {
  detection: Detection;
  /** it has not the layers of what it says it is built on */
  squashed: boolean;
  platformBases: PlatformBase[] | null;
}

/** In words, what a reader must know of a base that is not plainly confirmed. */
export function detectionNotes(facts: DetectionFacts): string[] {
  return [...layerNotes(facts), ...platformNotes(facts.platformBases)];
}

function layerNotes({ detection, squashed }: DetectionFacts): string[] {
  const { method, confidence, mismatch } = detection;
  if (mismatch) {
    return [
      `the declared base is not what the layers begin with: ${detection.candidates.join(
        ', ',
      )}`,
    ];
  }
  if (confidence === 'unconfirmed') {
    const said =
      method === 'declared' ? 'as it was declared' : 'as it is annotated';
    return [
      squashed
        ? `the base is taken ${said}: the image is squashed, so that its layers confirm nothing`
        : `the base is taken ${said}: no layers confirm it so far`,
    ];
  }
  if (method === 'none' && confidence === 'none') {
    return [
      squashed
        ? 'no base found: the image is squashed, its layers are not those of what it was built on; name the base when registering'
        : 'no base found: its layers begin with those of no mirror or base; if they are squashed, name the base when registering',
    ];
  }
  return [];
}

function platformNotes(platforms: PlatformBase[] | null): string[] {
  return platforms
    ? [
        `the platforms stand on different bases, of which the worst is shown: ${platforms
          .map(
            ({ platform, base, status }) =>
              `${platform} on ${
                base?.reference ?? 'no known base'
              } (${status})`,
          )
          .join(', ')}`,
      ]
    : [];
}
