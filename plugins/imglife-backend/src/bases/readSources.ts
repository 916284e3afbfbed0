import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, toError } from '@backstage/errors';
import type { BaseDefinition } from '../definitions/Definitions';
import { isContextUrl } from '../definitions/fields';
import type { BaseSources } from './BaseTagPlan';
import type { ContextTree, ContextTrees } from './ContextTrees';
import { hashContext } from './inputHash';
import { contextPath, readContext } from './readContext';
import { DEFAULT_TEMPLATE, type DockerfileTemplate } from './renderTemplate';

async function readTemplate(
  { template, configPath }: BaseDefinition,
  folder: string | undefined,
): Promise<DockerfileTemplate> {
  if (template === undefined) {
    return { name: `of ${configPath}`, text: DEFAULT_TEMPLATE };
  }
  if (template.includes('\n')) {
    return { name: `${configPath}.template`, text: template };
  }
  const file = join(folder ?? '', template);
  try {
    await contextPath(folder ?? '', template);
    return { name: file, text: await readFile(file, 'utf8') };
  } catch (error) {
    throw new InputError(
      `Cannot read the template that ${configPath}.template names: ${
        toError(error).message
      }`,
    );
  }
}

/**
 * Reads the template and the context of a base.
 *
 * @throws InputError, ForwardedError - names what cannot be read
 */
export async function readSources(
  definition: BaseDefinition,
  trees: Pick<ContextTrees, 'read'>,
): Promise<BaseSources> {
  const { context, template: named } = definition;
  const tree: Partial<ContextTree> =
    context !== undefined && isContextUrl(context)
      ? await trees.read(context)
      : { folder: context };
  const { folder, revision, committedAt } = tree;
  const template = await readTemplate(definition, folder);
  const file = named?.includes('\n') ? undefined : named;
  const files = folder === undefined ? [] : await readContext(folder, file);
  const contextHash = await hashContext(files);
  return { template, files, contextHash, revision, committedAt };
}
