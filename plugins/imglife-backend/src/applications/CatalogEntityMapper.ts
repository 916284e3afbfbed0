import type { AuthService } from '@backstage/backend-plugin-api';
import {
  Entity,
  parseEntityRef,
  RELATION_OWNED_BY,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { EntityMapper, ImageOwner } from './EntityMapper';
import { projectOfUrl } from './projectOfUrl';

/** Lists the images of a component, comma-separated, `*` allowed. */
export const IMAGES_ANNOTATION = 'imglife.io/images';

const PROJECT_ANNOTATIONS = [
  'gitlab.com/project-slug',
  'github.com/project-slug',
  'gitea.com/repo-slug',
  'bitbucket.org/project-slug',
];
const SOURCE_ANNOTATION = 'backstage.io/source-location';
const FIELDS = [
  'kind',
  'metadata.name',
  'metadata.namespace',
  'metadata.annotations',
  'spec.owner',
  'relations',
];
const PAGE = 500;
const CACHE_MS = 60_000;

/** {@link EntityMapper} over the catalog, with our own credentials. */
export class CatalogEntityMapper implements EntityMapper {
  readonly #auth: AuthService;
  readonly #catalog: CatalogService;
  readonly #now: () => Date;
  #cached?: { owners: Promise<ImageOwner[]>; until: number };

  static create(options: {
    auth: AuthService;
    catalog: CatalogService;
    now: () => Date;
  }): CatalogEntityMapper {
    return new CatalogEntityMapper(options);
  }

  private constructor(options: {
    auth: AuthService;
    catalog: CatalogService;
    now: () => Date;
  }) {
    this.#auth = options.auth;
    this.#catalog = options.catalog;
    this.#now = options.now;
  }

  async owners(options: { fresh?: boolean } = {}): Promise<ImageOwner[]> {
    const now = this.#now().getTime();
    if (options.fresh || !this.#cached || this.#cached.until <= now) {
      const cached = { owners: this.#read(), until: now + CACHE_MS };
      this.#cached = cached;
      cached.owners.catch(() => {
        if (this.#cached === cached) {
          this.#cached = undefined;
        }
      });
    }
    return this.#cached.owners;
  }

  async #read(): Promise<ImageOwner[]> {
    const credentials = await this.#auth.getOwnServiceCredentials();
    const owners: ImageOwner[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#catalog.queryEntities(
        cursor
          ? { cursor, fields: FIELDS, limit: PAGE }
          : { filter: { kind: 'component' }, fields: FIELDS, limit: PAGE },
        { credentials },
      );
      owners.push(...page.items.map(toOwner));
      cursor = page.pageInfo.nextCursor;
    } while (cursor);
    return owners;
  }
}

function toOwner(entity: Entity): ImageOwner {
  const annotations = entity.metadata.annotations ?? {};
  const source = projectOfUrl(annotations[SOURCE_ANNOTATION]);
  return {
    entityRef: stringifyEntityRef(entity),
    owner: ownerOf(entity),
    images: (annotations[IMAGES_ANNOTATION] ?? '')
      .split(',')
      .map(image => image.trim())
      .filter(Boolean),
    projects: [
      ...PROJECT_ANNOTATIONS.map(annotation => annotations[annotation]),
      source,
    ].filter(project => project !== undefined),
  };
}

function ownerOf(entity: Entity): string | undefined {
  const related = entity.relations?.find(
    relation => relation.type === RELATION_OWNED_BY,
  )?.targetRef;
  const named = entity.spec?.owner;
  if (related || typeof named !== 'string') {
    return related;
  }
  return stringifyEntityRef(
    parseEntityRef(named, {
      defaultKind: 'group',
      defaultNamespace: entity.metadata.namespace,
    }),
  );
}
