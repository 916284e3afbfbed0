import type { ContextFile } from '@imglife/backstage-plugin-imglife-node';
import type {
  BaseDefinition,
  MirrorDefinition,
} from '../definitions/Definitions';
import type { LifecycleData } from '../lifecycle/LifecycleService';
import type { BaseTag } from './BaseStore';
import { hashInputs, type InputHashes } from './inputHash';
import type { MirrorTag } from './planBuilds';
import { renderTemplate, type DockerfileTemplate } from './renderTemplate';

/** What a base is made of beside its mirror, read once per run. */
export interface BaseSources {
  template: DockerfileTemplate;
  files: ContextFile[];
  contextHash: string;
}

/** One base tag that follows a mirrored tag. */
export interface BaseTagPlan {
  definition: BaseDefinition;
  mirror: MirrorDefinition;
  mirrorTag: MirrorTag;
  /** `host/path` */
  repository: string;
  tag: string;
  /** every recorded tag of the base, as it was when the run began */
  known: ReadonlyArray<BaseTag>;
  /** throws when they cannot be read */
  readSources: () => Promise<BaseSources>;
  lifecycle: LifecycleData;
}

/** A plan with its Dockerfile rendered. */
export interface PreparedBase {
  dockerfile: string;
  files: ContextFile[];
  inputHash: string;
  inputs: InputHashes;
  /** `created` of the image */
  created: Date;
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
 * @throws InputError - the template or the context is at fault
 */
export async function prepareBase(plan: BaseTagPlan): Promise<PreparedBase> {
  const { definition, mirrorTag } = plan;
  const { template, files, contextHash } = await plan.readSources();
  const created = createdOf(mirrorTag);
  const mirrorReference = `${mirrorTag.repository}:${mirrorTag.tag}`;
  const from = `${mirrorReference}@${mirrorTag.digest}`;
  const dockerfile = renderTemplate(template, {
    mirror: { reference: from, digest: mirrorTag.digest },
    upstreamVersion: mirrorTag.tag,
    coreVersion: definition.coreVersion,
    platforms: mirrorTag.platforms,
    args: definition.args,
    created: created.toISOString(),
    revision: '',
  });
  const hashes = hashInputs({
    name: definition.name,
    tag: plan.tag,
    mirrorDigest: mirrorTag.digest,
    coreVersion: definition.coreVersion,
    template: template.text,
    dockerfile,
    contextHash,
    args: definition.args,
    platforms: mirrorTag.platforms,
  });
  return { dockerfile, files, created, mirrorReference, from, ...hashes };
}
