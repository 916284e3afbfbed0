import {
  ANNOTATION_LOCATION,
  ANNOTATION_ORIGIN_LOCATION,
  ResourceEntity,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import type {
  ApplicationRow,
  BaseRow,
} from '@imglife/backstage-plugin-imglife-common';
import { createHash } from 'node:crypto';

const SLUG_LENGTH = 54;
const HASH_LENGTH = 8;

/** What decides how images look in the catalog. */
export interface ImageEntityOptions {
  namespace: string;
  applications: 'mapped' | 'all' | 'none';
  defaultOwner: string;
  /** owner of the base of that name */
  baseOwner(name: string): string;
}

/** Rows of the tiers, and the components that exist. */
export interface ImageRows {
  bases: BaseRow[];
  applications: ApplicationRow[];
  /** lower case references of entities that exist in the catalog */
  existing: ReadonlySet<string>;
}

/**
 * The catalog name of an image repository: a slug of at most 54 characters, a
 * dash, and 8 hex digits of its sha256, so that two repositories never share a
 * name.
 */
export function imageEntityName(repository: string): string {
  const slug = repository
    .replace(/[^a-zA-Z0-9]+/g, '-')
    .slice(-SLUG_LENGTH)
    .replace(/^-+|-+$/g, '');
  const hash = createHash('sha256').update(repository).digest('hex');
  return `${slug || 'image'}-${hash.slice(0, HASH_LENGTH)}`;
}

/**
 * One `Resource` per base and application repository. Relations name only
 * entities that exist: the component of an application, the bases it stands on.
 */
export function imageEntities(
  rows: ImageRows,
  options: ImageEntityOptions,
): ResourceEntity[] {
  const bases = byRepository(rows.bases);
  const applications = byRepository(
    rows.applications.filter(
      row =>
        options.applications === 'all' ||
        (options.applications === 'mapped' &&
          row.entityRef !== null &&
          rows.existing.has(row.entityRef)),
    ),
  );
  return [
    ...[...bases.values()].map(group => baseEntity(group, options)),
    ...[...applications.values()].map(group =>
      applicationEntity(group, bases, rows.existing, options),
    ),
  ];
}

function byRepository<T extends { repository: string }>(
  rows: T[],
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    groups.set(row.repository, [...(groups.get(row.repository) ?? []), row]);
  }
  return groups;
}

const severity = ['critical', 'warning', 'unknown', 'ok'];

function worst<T extends { status: string }>(rows: T[]): T {
  return rows.reduce((a, b) =>
    severity.indexOf(b.status) < severity.indexOf(a.status) ? b : a,
  );
}

function resource(
  tier: 'bases' | 'applications',
  row: BaseRow | ApplicationRow,
  version: string,
  options: ImageEntityOptions,
  spec: Omit<ResourceEntity['spec'], 'type'>,
): ResourceEntity {
  const location = `imglife:${row.repository}`;
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Resource',
    metadata: {
      namespace: options.namespace,
      name: imageEntityName(row.repository),
      title: row.repository,
      description: `Container image of the tier ${tier}`,
      labels: { 'imglife.io/tier': tier },
      annotations: {
        [ANNOTATION_LOCATION]: location,
        [ANNOTATION_ORIGIN_LOCATION]: location,
        'imglife.io/image': row.repository,
        'imglife.io/tier': tier,
        'imglife.io/version': version,
        'imglife.io/status': row.status,
        ...(row.eolDate && { 'imglife.io/eol-date': row.eolDate }),
      },
    },
    spec: { type: 'container-image', ...spec },
  };
}

function baseEntity(
  group: BaseRow[],
  options: ImageEntityOptions,
): ResourceEntity {
  const row = worst(
    group.filter(base => base.state !== 'retired').concat(group[0]),
  );
  return resource('bases', row, row.version, options, {
    owner: options.baseOwner(row.name),
  });
}

function applicationEntity(
  group: ApplicationRow[],
  bases: ReadonlyMap<string, BaseRow[]>,
  existing: ReadonlySet<string>,
  options: ImageEntityOptions,
): ResourceEntity {
  const row = worst(group);
  const repositories = group
    .map(({ base }) => base?.reference.replace(/(@[^@]*)?$/, ''))
    .map(reference => reference?.replace(/:[^/:]*$/, ''))
    .filter(repository => repository !== undefined && bases.has(repository));
  const components = group
    .map(({ entityRef }) => entityRef)
    .filter(ref => ref !== null && existing.has(ref)) as string[];
  return resource('applications', row, row.tag, options, {
    owner: row.owner ?? options.defaultOwner,
    dependsOn: [...new Set(repositories)].map(repository =>
      stringifyEntityRef({
        kind: 'Resource',
        namespace: options.namespace,
        name: imageEntityName(repository!),
      }),
    ),
    dependencyOf: [...new Set(components)],
  });
}
