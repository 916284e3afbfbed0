import { matchesGlob } from './matchesGlob';

/** A catalog entity that may own images. */
export interface ImageOwner {
  /** lower case, such as `component:default/myservice` */
  entityRef: string;
  /** entity reference of its owner */
  owner?: string;
  /** of the annotation `imglife.io/images`: images, `*` allowed */
  images: string[];
  /** project paths its source-location or project-slug annotations name */
  projects: string[];
}

/** Reads the entities that may own images. */
export interface EntityMapper {
  /**
   * At most a minute old; empty answers are answers too.
   *
   * @param options - `fresh`: read now, for whoever asks on a schedule
   */
  owners(options?: { fresh?: boolean }): Promise<ImageOwner[]>;
}

/** What is mapped. */
export interface MappedImage {
  /** `host/path` */
  repository: string;
  project?: string;
  /** entity reference that the pipeline named */
  declared?: string;
}

/** Entity and owner of an application; both undefined: unowned. */
export interface ImageMapping {
  entityRef?: string;
  owner?: string;
}

/**
 * Maps images to entities: as declared, else by the image annotation, else by
 * the project (domain, Applications: Owner). A pattern that names the image
 * goes before one with `*`, and a longer one before a shorter; what is left
 * open goes to the first entity by name, so that it stays where it is.
 */
export function imageMapping(
  owners: ImageOwner[],
): (image: MappedImage) => ImageMapping {
  const ordered = [...owners].sort((a, b) =>
    a.entityRef < b.entityRef ? -1 : 1,
  );
  const byRef = new Map(ordered.map(owner => [owner.entityRef, owner]));
  const byImage = firstOf(ordered, owner => owner.images);
  const byProject = firstOf(ordered, owner => owner.projects);
  const globs = [...byImage]
    .filter(([pattern]) => pattern.includes('*'))
    .sort(([a], [b]) => b.length - a.length);
  return ({ repository, project, declared }) => {
    if (declared) {
      return { entityRef: declared, owner: byRef.get(declared)?.owner };
    }
    const found =
      byImage.get(repository) ??
      globs.find(([pattern]) => matchesGlob(pattern, repository))?.[1] ??
      (project ? byProject.get(project) : undefined);
    return found ? { entityRef: found.entityRef, owner: found.owner } : {};
  };
}

function firstOf(
  owners: ImageOwner[],
  keysOf: (owner: ImageOwner) => string[],
): Map<string, ImageOwner> {
  const first = new Map<string, ImageOwner>();
  for (const owner of owners) {
    for (const key of keysOf(owner)) {
      first.set(key, first.get(key) ?? owner);
    }
  }
  return first;
}
