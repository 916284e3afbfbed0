import { DeletesDisabledError, RegistryError } from '../errors';
import type { Descriptor } from '../manifests';
import { isIndex } from '../mediaTypes';
import { ifReadable, postOrder, readImageTree } from '../readImageTree';
import { referrersTag } from '../referrers/referrersTag';
import type { RegistryClient } from '../RegistryClient';
import { saysAbsent } from './saysAbsent';
import type { TagSurvey } from './TagSurvey';
import { isTombstoneOf, replaceByTombstone } from './tombstone';

/** Which tag is to go. */
export interface RemoveTagOptions {
  client: RegistryClient;
  repository: string;
  tag: string;
  /** What the tag points at; it is left alone when that is another by now. */
  digest: string;
  /** Of the repository; shared by all that is removed from it. */
  survey: TagSurvey;
  /** Manifests below it that must stay, such as those somebody uses by digest. */
  isKept?(digest: string): boolean;
  signal?: AbortSignal;
}

/** What became of a tag. */
export interface RemovedTag {
  /** `absent`: it was gone before; `moved`: it points at something else, and stays. */
  outcome: 'removed' | 'absent' | 'moved';
  /** Something else has the same manifest, which stays with its referrers. */
  shared: boolean;
  /** Manifests that were deleted, those of referrers included. */
  manifests: number;
}

/**
 * Removes a tag and nothing that anybody else has. Where another tag points at
 * the same manifest, or at an index that has it, only the tag goes: by name
 * where the registry can, else by way of a manifest of its own that is put in
 * its place and deleted by digest. Else the image goes with its referrers, its
 * digest tags (cosign's), and the children that no other image has. Every step
 * may be repeated; what an interrupted removal left is finished by the next.
 *
 * Throws DeletesDisabledError, before anything was changed, RegistryError, or
 * the signal's reason.
 */
export async function removeTag(
  options: RemoveTagOptions,
): Promise<RemovedTag> {
  const { client, repository, tag, digest, survey, signal } = options;
  const found = await find(tag, options);
  if (found && found.digest !== digest) {
    return finishMoved(options, found.digest);
  }
  if (found && (await survey.digestOf(tag, signal)) === undefined) {
    throw new RegistryError(
      'its repository lists other tags and not this one, so that nobody knows what else has its image',
      { host: client.host, repository, reference: tag },
    );
  }
  if (await survey.isReached(digest, new Set([tag]), signal)) {
    if (found) {
      await untag(options);
    }
    return {
      outcome: found ? 'removed' : 'absent',
      shared: true,
      manifests: 0,
    };
  }
  const left = found ?? (await find(digest, options));
  const manifests = left ? await removeImage(options, left.mediaType) : 0;
  return { outcome: found ? 'removed' : 'absent', shared: false, manifests };
}

/** Undefined where the registry has said that it is not there. */
async function find(
  reference: string,
  { client, repository, signal }: RemoveTagOptions,
): Promise<Descriptor | undefined> {
  const found = await client.headManifest(repository, reference, { signal });
  if (found) {
    return found;
  }
  try {
    // the answer to a HEAD has no body that tells who it is from
    const { descriptor } = await client.getManifest(repository, reference, {
      signal,
    });
    return descriptor;
  } catch (error) {
    if (saysAbsent(error)) {
      return undefined;
    }
    throw error;
  }
}

/** A removal that was interrupted has left a manifest of its own there. */
async function finishMoved(
  options: RemoveTagOptions,
  present: string,
): Promise<RemovedTag> {
  const { client, repository, tag, survey, signal } = options;
  const at = { signal };
  const { manifest } = await client.getManifest(repository, present, at);
  if (!isTombstoneOf(manifest, options)) {
    return { outcome: 'moved', shared: false, manifests: 0 };
  }
  await client.deleteManifest(repository, present, at);
  survey.forget(tag);
  return { outcome: 'removed', shared: true, manifests: 0 };
}

/** The tag alone goes. */
async function untag(
  options: Pick<
    RemoveTagOptions,
    'client' | 'repository' | 'tag' | 'digest' | 'survey' | 'signal'
  >,
): Promise<void> {
  const { client, repository, tag, survey, signal } = options;
  const answer = await client.deleteTag(repository, tag, { signal });
  if (answer === 'unsupported') {
    await replaceByTombstone(options);
  }
  survey.forget(tag);
}

async function removeImage(
  options: RemoveTagOptions,
  mediaType: string,
): Promise<number> {
  const { client, repository, tag, digest, survey, signal } = options;
  const condemned = [digest, ...(await ownChildren(options, mediaType))];
  let manifests = 0;
  for (const each of condemned) {
    manifests += await removeReferrers(each, options);
  }
  // by name first: some refuse to delete what still has a tag
  const answer = await client.deleteTag(repository, tag, { signal });
  try {
    for (const each of condemned) {
      manifests += await deleteManifest(options, each);
    }
  } catch (error) {
    // a registry that takes tags away, and clears what has none by itself
    if (!(error instanceof DeletesDisabledError && answer === 'deleted')) {
      throw error;
    }
  }
  survey.forget(tag);
  return manifests;
}

/** What lies below an index and below nothing else that has a tag. */
async function ownChildren(
  options: RemoveTagOptions,
  mediaType: string,
): Promise<string[]> {
  const { client, repository, tag, digest, survey, isKept, signal } = options;
  if (!isIndex(mediaType)) {
    return [];
  }
  // a damaged one goes without its children
  const tree = await ifReadable(
    readImageTree({ client, repository, reference: digest }, { signal }),
  );
  const below = new Set(
    tree ? postOrder(tree).map(node => node.descriptor.digest) : [],
  );
  below.delete(digest);
  const own: string[] = [];
  for (const child of below) {
    const isOthers =
      isKept?.(child) ||
      (await survey.isReached(child, new Set([tag]), signal));
    if (!isOthers) {
      own.push(child);
    }
  }
  return own;
}

/**
 * Deletes what refers to a manifest, and what refers to that, but what has a
 * tag of its own.
 */
async function removeReferrers(
  subject: string,
  options: RemoveTagOptions,
  seen = new Set<string>(),
): Promise<number> {
  const { client, repository, survey, signal } = options;
  const digestTags = await survey.digestTags(signal);
  const indexTag = digestTags.hasIndexOf(subject)
    ? [referrersTag(subject)]
    : [];
  const listed = await client.listReferrers(repository, subject, {
    signal,
    digestTags,
  });
  let manifests = 0;
  for (const { digest } of listed.filter(each => !seen.has(each.digest))) {
    seen.add(digest);
    if (!(await survey.isReached(digest, new Set(indexTag), signal))) {
      manifests += await removeReferrers(digest, options, seen);
      manifests += await deleteManifest(options, digest);
    }
  }
  for (const tag of [...digestTags.of(subject), ...indexTag]) {
    manifests += await removeDigestTag(tag, options);
  }
  return manifests;
}

async function removeDigestTag(
  tag: string,
  options: RemoveTagOptions,
): Promise<number> {
  const { survey, signal } = options;
  const digest = await survey.digestOf(tag, signal);
  if (digest === undefined) {
    return 0;
  }
  if (await survey.isReached(digest, new Set([tag]), signal)) {
    await untag({ ...options, tag, digest });
    return 0;
  }
  const manifests = await deleteManifest(options, digest);
  survey.forget(tag);
  return manifests;
}

/** @returns 1, or 0 when it was gone before */
async function deleteManifest(
  {
    client,
    repository,
    signal,
  }: Pick<RemoveTagOptions, 'client' | 'repository' | 'signal'>,
  digest: string,
): Promise<number> {
  try {
    await client.deleteManifest(repository, digest, { signal });
    return 1;
  } catch (error) {
    if (error instanceof RegistryError && error.status === 404) {
      return 0;
    }
    throw error;
  }
}
