import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, toError } from '@backstage/errors';
import type { BaseDefinition } from '../definitions/Definitions';
import type { BaseSources } from './BaseTagPlan';
import { hashContext } from './inputHash';
import { readContext } from './readContext';
import { DEFAULT_TEMPLATE, type DockerfileTemplate } from './renderTemplate';

async function readTemplate(
  definition: BaseDefinition,
): Promise<DockerfileTemplate> {
  const { template, context, configPath } = definition;
  if (template === undefined) {
    return { name: `of ${configPath}`, text: DEFAULT_TEMPLATE };
  }
  if (template.includes('\n')) {
    return { name: `${configPath}.template`, text: template };
  }
  const file = join(context ?? '', template);
  try {
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
 * @throws InputError - names what cannot be read
 */
export async function readSources(
  definition: BaseDefinition,
): Promise<BaseSources> {
  const { context, template: named } = definition;
  const template = await readTemplate(definition);
  const file = named?.includes('\n') ? undefined : named;
  const files = context === undefined ? [] : await readContext(context, file);
  return { template, files, contextHash: await hashContext(files) };
}
