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
  /** At most a minute old; empty answers are answers too. */
  owners(): Promise<ImageOwner[]>;
}

/** Entity and owner of an application; both undefined: unowned. */
export interface ImageMapping {
  entityRef?: string;
  owner?: string;
}

/**
 * Maps an image to an entity: as declared, else by the image annotation, else
 * by the project (domain, Applications: Owner).
 *
 * @param repository - `host/path`
 */
export function mapImage(
  image: { repository: string; project?: string; declared?: string },
  owners: ImageOwner[],
): ImageMapping {
  const { repository, project, declared } = image;
  if (declared) {
    const owner = owners.find(({ entityRef }) => entityRef === declared);
    return { entityRef: declared, owner: owner?.owner };
  }
  const found =
    owners.find(owner =>
      owner.images.some(pattern => matchesGlob(pattern, repository)),
    ) ??
    (project
      ? owners.find(owner => owner.projects.includes(project))
      : undefined);
  return found ? { entityRef: found.entityRef, owner: found.owner } : {};
}
