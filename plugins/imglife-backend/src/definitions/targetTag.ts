import { parseTag } from '@imglife/backstage-plugin-imglife-common';
import { Liquid } from 'liquidjs';

const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const RENDER_LIMIT_MS = 200;

// No files are read by a template: `templates` replaces the file system.
const liquid = new Liquid({
  strictVariables: true,
  strictFilters: true,
  ownPropertyOnly: true,
  templates: {},
  renderLimit: RENDER_LIMIT_MS,
});

/**
 * The tag that an upstream tag has at the target (`tags.targetTag`, Liquid).
 * The template knows `tag`, `version`, `suffix` and `codename`; what a tag has
 * not is empty text.
 *
 * @throws Error - the template fails, or does not render a tag
 */
export function targetTag(template: string | undefined, tag: string): string {
  if (template === undefined) {
    return tag;
  }
  const { version = '', suffix, codename = '' } = parseTag(tag);
  const rendered = String(
    liquid.parseAndRenderSync(template, { tag, version, suffix, codename }),
  );
  if (!TAG.test(rendered)) {
    throw new Error(
      `tags.targetTag renders ${JSON.stringify(rendered)} of ${tag}: no tag`,
    );
  }
  return rendered;
}

/** What is wrong with a template of target tags, or undefined. */
export function targetTagFault(template: string): string | undefined {
  try {
    targetTag(template, '1.2.3-alpine');
    return undefined;
  } catch (error) {
    return `is no template of tags (${(error as Error).message})`;
  }
}
