import { InputError } from '@backstage/errors';
import type { EolLabels } from '../baseLabels';
import { withMarker } from '../baseMarker';
import type { BaseTagPlan, PreparedBase } from '../BaseTagPlan';
import { contentOf, contextEntry } from '../embedded/contextTree';
import type { LayerEntry } from '../embedded/LayerWriter';
import { labelsOfPlan } from '../labelsOfPlan';
import { exportDockerfile } from './exportDockerfile';

const ROOT = { uid: 0, gid: 0 };
const FILE_MODE = 0o644;
const FOLDER_MODE = 0o755;
const SECOND_MS = 1000;

/**
 * Names that a folder needs for itself, or by which programs that build would
 * leave out other files than the portal does.
 */
const RESERVED = [
  'Dockerfile',
  'build.json',
  '.dockerignore',
  '.containerignore',
  'Dockerfile.dockerignore',
  'Dockerfile.containerignore',
];
// What is beside the context in the same folder is none of it.
const IGNORED = '/Dockerfile\n/build.json\n/.dockerignore\n';

/** One base tag with what it is made of. */
export interface ExportedTag {
  plan: BaseTagPlan;
  prepared: PreparedBase;
  /** why it is due; empty when it is not */
  reasons: string[];
  eol: EolLabels;
}

function textFile(path: string, content: string): LayerEntry {
  return {
    type: 'file',
    path,
    mode: FILE_MODE,
    ...ROOT,
    content: contentOf(Buffer.from(content)),
  };
}

/** A file of JSON. */
export function jsonFile(path: string, content: object): LayerEntry {
  return textFile(path, `${JSON.stringify(content, undefined, 2)}\n`);
}

function refuseReserved({ plan, prepared }: ExportedTag): void {
  const taken = prepared.files.find(({ path }) => RESERVED.includes(path));
  if (taken) {
    throw new InputError(
      `The context of base ${plan.definition.name} holds a file ${taken.path}, whose name an exported folder needs for itself; rename it, or leave it out by .dockerignore`,
    );
  }
}

function buildFile(
  { plan, prepared, reasons }: ExportedTag,
  platform: string,
  labels: Record<string, string>,
) {
  const { definition, mirrorTag, repository, tag } = plan;
  const { inputHash, created, from, mirrorReference, sources } = prepared;
  return {
    name: definition.name,
    reference: `${repository}:${tag}`,
    repository,
    tag,
    platform,
    platforms: mirrorTag.platforms,
    reasons,
    upstreamVersion: mirrorTag.tag,
    coreVersion: definition.coreVersion,
    from,
    baseName: mirrorReference,
    baseDigest: mirrorTag.digest,
    inputHash,
    created: created.toISOString(),
    sourceDateEpoch: Math.floor(created.getTime() / SECOND_MS),
    args: sources.args,
    compression: sources.compression ?? 'gzip',
    labels,
    annotations: labels,
  };
}

/** `<name>/<tag>/<platform>`, where a platform's `/` is a `-`. */
export function exportFolder(plan: BaseTagPlan, platform: string): string {
  const { definition, tag } = plan;
  return `${definition.name}/${tag}/${platform.replaceAll('/', '-')}`;
}

/**
 * The folders of one base tag, one for each platform: Dockerfile, context and
 * build.json.
 *
 * @throws InputError - the context or an argument cannot be exported
 */
export function exportEntries(tag: ExportedTag): LayerEntry[] {
  refuseReserved(tag);
  const { plan, prepared, eol } = tag;
  const { platforms } = plan.mirrorTag;
  const labels = labelsOfPlan(plan, prepared, eol);
  return platforms.flatMap(platform => {
    const folder = exportFolder(plan, platform);
    const dockerfile = exportDockerfile(prepared.dockerfile, {
      args: prepared.sources.args,
      labels,
      platform: platforms.length > 1 ? platform : undefined,
    });
    const marked = withMarker(
      { dockerfile, files: prepared.files },
      {
        name: plan.definition.name,
        tag: plan.tag,
        inputHash: prepared.inputHash,
      },
    );
    return [
      { type: 'directory', path: folder, mode: FOLDER_MODE, ...ROOT } as const,
      jsonFile(`${folder}/build.json`, buildFile(tag, platform, labels)),
      textFile(`${folder}/Dockerfile`, marked.dockerfile),
      textFile(`${folder}/.dockerignore`, IGNORED),
      ...marked.files.map(file => ({
        ...contextEntry(file),
        path: `${folder}/${file.path}`,
      })),
    ];
  });
}
