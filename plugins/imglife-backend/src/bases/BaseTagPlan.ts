import type { ContextFile } from '@imglife/backstage-plugin-imglife-node';
import type {
  BaseDefinition,
  MirrorDefinition,
} from '../definitions/Definitions';
import type { LifecycleData } from '../lifecycle/LifecycleService';
import { sourceReference } from './baseSourceTags';
import type { BaseTag, PublishedSources } from './BaseStore';
import { hashInputs, type InputHashes } from './inputHash';
import type { MirrorTag } from './planBuilds';
import { renderTemplate, type DockerfileTemplate } from './renderTemplate';

/** What a base is made of beside its mirror, read once per run. */
export interface BaseSources {
  template: DockerfileTemplate;
  files: ContextFile[];
  contextHash: string;
  /** commit of a context in git */
  revision?: string;
  /** time of that commit */
  committedAt?: Date;
}

/** A context as it was published, read back. */
export type KeptContext = Omit<BaseSources, 'template'>;

/** One base tag that follows a mirrored tag. */
export interface BaseTagPlan {
  definition: BaseDefinition;
  /** the mirror at the bottom */
  mirror: MirrorDefinition;
  /** what it is built on: of the mirror, or of another base */
  mirrorTag: MirrorTag;
  /** `host/path` */
  repository: string;
  tag: string;
  /** every recorded tag of the base, as it was when the run began */
  known: ReadonlyArray<BaseTag>;
  /** throws when they cannot be read */
  readSources: () => Promise<BaseSources>;
  /** a context kept from an earlier build; undefined when it is not kept */
  readContext: (hash: string) => Promise<ContextFile[] | undefined>;
  lifecycle: LifecycleData;
}

/** A plan with its Dockerfile rendered. */
export interface PreparedBase {
  dockerfile: string;
  sources: PublishedSources;
  files: ContextFile[];
  inputHash: string;
  inputs: InputHashes;
  /** `created` of the image */
  created: Date;
  revision?: string;
  /** of a context in git */
  committedAt?: Date;
  /** `host/path:tag` of the mirror */
  mirrorReference: string;
  /** `host/path:tag@digest` */
  from: string;
}

// The mirror's own date, so that a build today and one tomorrow are the same;
// the epoch where the mirror has none.
function createdOf(mirrorTag: MirrorTag): Date {
  const created = new Date(mirrorTag.imageCreated ?? 0);
  return Number.isNaN(created.getTime()) ? new Date(0) : created;
}

/**
 * Renders the template and hashes all that goes into the base.
 *
 * @param last - template, arguments and compression to take in place of the
 *   declared ones
 * @param kept - context to take in place of the declared one
 * @throws InputError - the template or the context is at fault
 */
export async function prepareBase(
  plan: BaseTagPlan,
  last?: PublishedSources,
  kept?: KeptContext,
): Promise<PreparedBase> {
  const { definition, mirrorTag } = plan;
  const read = await plan.readSources();
  const { files, contextHash, revision, committedAt } = kept ?? read;
  const template = last
    ? { name: `last published as ${plan.tag}`, text: last.template }
    : read.template;
  const { args, compression } = last ?? definition;
  const mirrored = createdOf(mirrorTag);
  const created =
    committedAt && committedAt > mirrored ? committedAt : mirrored;
  const mirrorReference = sourceReference(mirrorTag);
  const from = `${mirrorReference}@${mirrorTag.digest}`;
  const render = (known: { created: Date; revision?: string }) =>
    renderTemplate(template, {
      mirror: { reference: from, digest: mirrorTag.digest },
      upstreamVersion: mirrorTag.tag,
      coreVersion: definition.coreVersion,
      platforms: mirrorTag.platforms,
      args,
      created: known.created.toISOString(),
      revision: known.revision ?? '',
    });
  const hashes = hashInputs({
    name: definition.name,
    tag: plan.tag,
    mirrorDigest: mirrorTag.digest,
    coreVersion: definition.coreVersion,
    template: template.text,
    // a commit that changed nothing here is no reason to build
    dockerfile: render({ created: mirrored }),
    contextHash,
    args,
    platforms: mirrorTag.platforms,
    compression,
  });
  const dockerfile = render({ created, revision });
  return {
    dockerfile,
    sources: { template: template.text, args, compression },
    files,
    created,
    revision,
    committedAt,
    mirrorReference,
    from,
    ...hashes,
  };
}
