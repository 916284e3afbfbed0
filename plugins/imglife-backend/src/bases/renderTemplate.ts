import { InputError } from '@backstage/errors';
import { Liquid, LiquidError } from 'liquidjs';

/** The template of a base that has none: the mirror, and our labels. */
export const DEFAULT_TEMPLATE = 'FROM {{ mirror.reference }}\n';

/** A Dockerfile template (Liquid) and where it was read. */
export interface DockerfileTemplate {
  /** file name or configuration path, for errors */
  name: string;
  text: string;
}

/** What a template knows (domain, Base images). */
export interface TemplateVariables {
  mirror: {
    /** pinned: `host/path:tag@digest` */
    reference: string;
    digest: string;
  };
  /** the mirrored tag */
  upstreamVersion: string;
  coreVersion: string;
  platforms: string[];
  args: Record<string, string>;
  /** ISO 8601 UTC */
  created: string;
  /** commit of the context; empty when it is not known */
  revision: string;
}

const RENDER_LIMIT_MS = 2000;
const MEMORY_LIMIT = 10_000_000;

// No files are read by a template: `templates` replaces the file system.
const liquid = new Liquid({
  strictVariables: true,
  strictFilters: true,
  ownPropertyOnly: true,
  templates: {},
  renderLimit: RENDER_LIMIT_MS,
  memoryLimit: MEMORY_LIMIT,
});

const KNOWN =
  'mirror.reference, mirror.digest, upstreamVersion, coreVersion, platforms, args, created and revision';

function describe(error: LiquidError): string {
  const cause = error.originalError ?? error;
  const [line] = error.token.getPosition();
  const said =
    'variableName' in cause
      ? `there is no variable "${cause.variableName}"; known are ${KNOWN}`
      : cause.message.replace(/, (file|line):.*$/s, '');
  return `line ${line}: ${said}`;
}

/**
 * Renders a Dockerfile template.
 *
 * @throws InputError - names the template, the line and what is wrong, such as
 *   an unknown variable or filter
 */
export function renderTemplate(
  template: DockerfileTemplate,
  variables: TemplateVariables,
): string {
  try {
    return liquid.parseAndRenderSync(template.text, { ...variables });
  } catch (error) {
    if (LiquidError.is(error)) {
      throw new InputError(`Template ${template.name}, ${describe(error)}`);
    }
    throw error;
  }
}
