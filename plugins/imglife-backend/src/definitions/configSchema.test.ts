import { readFileSync } from 'node:fs';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { z } from 'zod';
import { createConfigSchema } from './configSchema';

// declared by the modules that read them
const OF_MODULES = /^imglife\.(catalog|webhooks)\b/;

type JsonSchema = z.core.JSONSchema.BaseSchema;

function schemaPaths(schema: JsonSchema, path: string): string[] {
  const members = Object.entries(schema.properties ?? {}).flatMap(
    ([key, member]) => schemaPaths(member as JsonSchema, `${path}.${key}`),
  );
  if (schema.properties) {
    return [path, ...members];
  }
  return schema.type === 'array' && (schema.items as JsonSchema).properties
    ? schemaPaths(schema.items as JsonSchema, path)
    : [path];
}

const SCHEDULE = ['frequency', 'timeout'];

/** Keys of a type declaration as Prettier formats it: one a line. */
function declaredPaths(text: string): string[] {
  const open: string[] = [];
  const paths: string[] = [];
  const config = text.slice(text.indexOf('export interface Config'));
  for (const line of config.split('\n')) {
    const [, key, rest] = /^\s+(\w+)\??:(.*)$/.exec(line) ?? [];
    if (key) {
      paths.push([...open, key].join('.'));
    }
    if (key && rest === ' Schedule;') {
      paths.push(...SCHEDULE.map(each => [...open, key, each].join('.')));
    }
    if (key && /\{$/.test(rest)) {
      open.push(key);
    } else if (/^\s+\}/.test(line)) {
      open.pop();
    }
  }
  return paths;
}

describe('createConfigSchema', () => {
  const declaration = readFileSync(
    resolvePackagePath(
      '@imglife/backstage-plugin-imglife-backend',
      'config.d.ts',
    ),
    'utf8',
  );

  it('knows exactly the keys that config.d.ts declares', () => {
    const schema = z.toJSONSchema(createConfigSchema('/'), {
      io: 'input',
      unrepresentable: 'any',
    });

    const declared = declaredPaths(declaration);

    expect(declared).toContain('imglife.bases.entries.from.track');
    expect(declared.sort()).toEqual(
      schemaPaths(schema, 'imglife')
        .filter(path => !OF_MODULES.test(path))
        .sort(),
    );
  });

  it.each(['username', 'password', 'token'])('declares %s secret', key => {
    expect(declaration).toMatch(
      new RegExp(`/\\*\\* @visibility secret \\*/\\n\\s+${key}\\?: string;`),
    );
  });
});
