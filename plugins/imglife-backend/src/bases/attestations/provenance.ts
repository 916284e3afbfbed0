import { imagePurl, type PurlImage } from './imagePurl';

/** Media type of an in-toto statement that is not signed by itself. */
export const IN_TOTO_TYPE = 'application/vnd.in-toto+json';
/** Predicate of {@link provenance}. */
export const SLSA_PREDICATE = 'https://slsa.dev/provenance/v1';

/** What {@link provenance} tells. */
export interface ProvenanceFacts {
  /** the base, by the digest of its index or only manifest */
  image: PurlImage;
  /** every digest it stands for: the image's own and those of its platforms */
  digests: ReadonlyArray<string>;
  /** what it is built on */
  base: PurlImage;
  /** id of the builder */
  builder: string;
  name: string;
  coreVersion: string;
  /** as rendered */
  dockerfile: string;
  /** never secret */
  args: Readonly<Record<string, string>>;
  platforms: ReadonlyArray<string>;
  inputHash: string;
  /** hashes of what went into it, by kind */
  inputs: object;
  /** of a context in git */
  context?: { url: string; revision?: string };
}

function materials({ base, context }: ProvenanceFacts) {
  const { revision } = context ?? {};
  return [
    {
      name: `${base.repository}:${base.tag}`,
      uri: imagePurl(base),
      digest: digestSet(base.digest),
    },
    ...(context
      ? [
          {
            name: 'context',
            uri: context.url,
            ...(revision ? { digest: { gitCommit: revision } } : {}),
          },
        ]
      : []),
  ];
}

function digestSet(digest: string): Record<string, string> {
  const [algorithm, hex] = digest.split(':');
  return { [algorithm]: hex };
}

/**
 * An in-toto statement v1 with SLSA provenance v1: what the base was made of
 * and by what. It holds no time and no run: the same inputs give the same
 * bytes.
 */
export function provenance(facts: ProvenanceFacts): object {
  const { image, digests } = facts;
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: digests.map(digest => ({
      name: image.repository,
      digest: digestSet(digest),
    })),
    predicateType: SLSA_PREDICATE,
    predicate: {
      buildDefinition: {
        buildType: 'urn:imglife:build:base:v1',
        externalParameters: {
          name: facts.name,
          tag: image.tag,
          coreVersion: facts.coreVersion,
          dockerfile: facts.dockerfile,
          args: facts.args,
          platforms: facts.platforms,
        },
        internalParameters: {
          inputHash: facts.inputHash,
          inputs: facts.inputs,
        },
        resolvedDependencies: materials(facts),
      },
      runDetails: {
        builder: { id: `urn:imglife:builder:${facts.builder}` },
      },
    },
  };
}
