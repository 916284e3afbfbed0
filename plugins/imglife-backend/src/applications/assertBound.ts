import { NotAllowedError } from '@backstage/errors';
import { matchesParts } from './matchesGlob';

const PROJECT = '{{ project }}';

/**
 * Whether a subject may register for a project.
 *
 * @param pattern - such as `external:github:repo:{{ project }}:*`; the project
 *   is put in as it is, so that a `*` in its name stands for nothing else
 * @param project - undefined when the registration names none
 */
export function isBound(
  pattern: string,
  subject: string,
  project: string | undefined,
): boolean {
  if (project === undefined && pattern.includes(PROJECT)) {
    return false;
  }
  const parts = pattern
    .split('*')
    .map(part => part.replaceAll(PROJECT, () => project ?? ''));
  return matchesParts(parts, subject);
}

/**
 * Lets a registration pass when its caller belongs to its project.
 *
 * @param patterns - of `applications.subjects`; empty lets everyone pass
 * @throws NotAllowedError - none of them matches
 */
export function assertBound(
  patterns: readonly string[],
  subject: string,
  project: string | undefined,
): void {
  if (!isAllowed(patterns, subject, project)) {
    throw new NotAllowedError(
      project === undefined
        ? `project: not given, and ${subject} may register for its own project only; give it`
        : `project: ${subject} may not register for ${project}; imglife.applications.subjects says who may`,
    );
  }
}

/**
 * Lets a registration pass when its image is of no other project than those its
 * caller may register for. Who may register for both moves an image.
 *
 * @param patterns - of `applications.subjects`; empty lets everyone pass
 * @param image - its repository, and the project it was last registered for
 * @throws NotAllowedError - it is of a project that is not the caller's
 */
export function assertMayName(
  patterns: readonly string[],
  subject: string,
  image: { repository: string; project: string | undefined },
): void {
  const { repository, project } = image;
  if (project !== undefined && !isAllowed(patterns, subject, project)) {
    throw new NotAllowedError(
      `image: ${repository} is of the project ${project}, and ${subject} may not register for that; who may register for both can move it`,
    );
  }
}

/**
 * Lets the forgetting of an image pass when its caller belongs to the project
 * that it is stored with.
 *
 * @param patterns - of `applications.subjects`; empty lets everyone pass
 * @throws NotAllowedError - none of them matches
 */
export function assertMayForget(
  patterns: readonly string[],
  subject: string,
  project: string | undefined,
): void {
  if (!isAllowed(patterns, subject, project)) {
    throw new NotAllowedError(
      `image: it is of ${
        project === undefined ? 'no project' : `the project ${project}`
      }, and ${subject} may forget those of its own only; imglife.applications.subjects says who may`,
    );
  }
}

function isAllowed(
  patterns: readonly string[],
  subject: string,
  project: string | undefined,
): boolean {
  return (
    !patterns.length ||
    patterns.some(pattern => isBound(pattern, subject, project))
  );
}
