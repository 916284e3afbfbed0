import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigReader, readDurationFromConfig } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { durationToMilliseconds } from '@backstage/types';
import { RE2JS } from 're2js';
import { z } from 'zod';
import type { Schedule } from './Definitions';
import { readAlias, readHost, readRepository } from './readNames';
import { floatingTagFault, tagFormatFault } from './tagFormat';

/** What stands behind a field's error: zod's own words hold no values. */
function typeFault(expected: string) {
  return (issue: z.core.$ZodRawIssue) =>
    issue.input === undefined
      ? `is missing; it must be ${expected}`
      : `must be ${expected}`;
}

/** Text of at least one character. A bare `3.20` in YAML is a number. */
export function textField(expected = 'text; put it in quotes') {
  return z
    .string({ error: typeFault(expected) })
    .min(1, { error: 'must not be empty', abort: true });
}

/** A whole number from `min`. */
export function countField(min: number) {
  const expected = `a whole number from ${min}`;
  return z.int({ error: typeFault(expected) }).min(min, `must be ${expected}`);
}

/** A number above 0, such as a rate. */
export function rateField() {
  const expected = 'a number above 0';
  return z
    .number({ error: typeFault(expected) })
    .positive(`must be ${expected}`);
}

/** A docker credential helper, by its name without `docker-credential-`. */
export function helperField() {
  return textField().regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
    'must be the name of a docker credential helper without docker-credential-, such as ecr-login',
  );
}

/** `true` or `false`. */
export function flagField() {
  return z.boolean({ error: typeFault('true or false') });
}

/** One of the given words. */
export function choiceField<const T extends readonly string[]>(values: T) {
  return z.enum(values, {
    error: typeFault(`one of ${values.join(', ')}`),
  });
}

/** A list; its members are checked on their own. */
export function listField<T extends z.ZodType>(member: T) {
  return z.array(member, { error: typeFault('a list') });
}

/** A block in which every key is known; an unknown one is a fault of its own. */
export function block<T extends z.core.$ZodLooseShape>(shape: T) {
  const keys = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: issue =>
      issue.code === 'unrecognized_keys'
        ? `unknown key; known here: ${keys}`
        : typeFault(`a block with the keys ${keys}`)(issue),
  });
}

/**
 * Text that is turned into something else; what `parse` throws is the fault.
 * Its message must not repeat the text, unless that can be no secret.
 */
export function parsedField<T>(expected: string, parse: (text: string) => T) {
  return textField(expected).transform((text, context): T => {
    try {
      return parse(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });
}

/** A registry host. */
export function hostField() {
  return parsedField('a host such as registry.example.com', readHost);
}

/** Another name of a registry: `host[:port]`, or that with a path. */
export function aliasField() {
  return parsedField('a host, or host/path', readAlias);
}

/** `host/path`, where the host may be left out for Docker Hub. */
export function repositoryField() {
  return parsedField('a repository (host/path)', readRepository);
}

/** `host/path` with the host spelled out. */
export function prefixField() {
  return parsedField('a host and a path such as host/mirrors', text => {
    readHost(text.split('/', 1)[0]);
    return readRepository(text);
  });
}

/** The end of a repository's path, such as `alpine` or `library/alpine`. */
export function pathField() {
  return parsedField('a path such as alpine', text => {
    const { registry, repository } = readRepository(`localhost/${text}`);
    if (registry !== 'localhost' || repository !== text) {
      throw new InputError(
        'must be a path without host and tag, such as alpine',
      );
    }
    return text;
  });
}

/** A prefix or glob over `host/path`; the host itself is no pattern. */
export function imageGlobField() {
  return parsedField('host/path, where the path may hold *', text => {
    const [host, ...path] = text.split('/');
    if (host.includes('*')) {
      throw new InputError('must name its host: * is for the path only');
    }
    readHost(host);
    if (
      path.length === 0 ||
      !path.every(part => /^[a-z0-9._*-]+$/.test(part))
    ) {
      throw new InputError('must be host/path, where the path may hold *');
    }
    return text;
  });
}

/** A tag (OCI distribution-spec, "Pulling manifests"). */
export function tagField() {
  return textField().regex(
    /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/,
    'is no tag: letters, digits, ".", "_" and "-", at most 128 of them',
  );
}

/**
 * Which subjects a project has: `*` stands for any characters and
 * `{{ project }}` for the project, which must have an end, or the token of
 * `team/shop2` would do for `team/shop`.
 */
export function subjectField() {
  return textField()
    .refine(
      match => !/\{\{(?! project \}\})/.test(match),
      'knows {{ project }} and nothing else in {{ }}',
    )
    .refine(
      match => !/\*\{\{ project|project \}\}\*/.test(match),
      'needs a character between {{ project }} and *, such as ":"',
    );
}

/** A pattern over whole tags, in RE2's syntax: it runs in linear time. */
export function patternField() {
  return parsedField('a pattern', text => {
    try {
      RE2JS.compile(text);
    } catch (error) {
      throw new InputError(
        `is no RE2 pattern (${
          (error as Error).message
        }); look-around and back-references are not supported`,
      );
    }
    return text;
  });
}

/** `\d+(\.\d+){0,2}` (domain, Base images). */
export function coreVersionField() {
  return textField('text such as "1.0.0"; put it in quotes').regex(
    /^\d+(\.\d+){0,2}$/,
    'must be one to three numbers, such as 1.0.0',
  );
}

/** A template of base tags. */
export function tagFormatField() {
  return textField().superRefine((format, context) => {
    const fault = tagFormatFault(format);
    if (fault) {
      context.addIssue({ code: 'custom', message: fault });
    }
  });
}

/** An entity reference, complete so that it is the same everywhere. */
export function entityRefField() {
  return textField('an entity reference such as group:default/platform').regex(
    /^[a-z]([a-z0-9-]*[a-z0-9])?:[a-z0-9]([a-z0-9-]*[a-z0-9])?\/[a-z0-9]([a-z0-9_.-]*[a-z0-9])?$/i,
    'must be kind:namespace/name, such as group:default/platform',
  );
}

/** A calendar day. */
export function dayField() {
  return z.iso.date({ error: typeFault('a day as YYYY-MM-DD') });
}

/** An http or https URL without credentials. */
export function urlField() {
  return textField('a URL').refine(text => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    return url !== undefined && /^https?:$/.test(url.protocol) && !url.username;
  }, 'must be an http or https URL without user and password');
}

/** A format of `floatingTags`. */
export function floatingTagField() {
  return parsedField('text, such as latest', text => {
    const fault = floatingTagFault(text);
    if (fault) {
      throw new InputError(fault);
    }
    return text;
  });
}

/** A file that exists; relative to `cwd`. */
export function fileField(cwd: string) {
  return parsedField('a file name', text => {
    const file = resolve(cwd, text);
    if (!existsSync(file) || !statSync(file).isFile()) {
      throw new InputError(`there is no file ${file}`);
    }
    return file;
  });
}

/** Whether a build context is in git, and not a folder of this machine. */
export function isContextUrl(context: string): boolean {
  return /^[a-z][a-z0-9+.-]+:/i.test(context);
}

/** A folder that exists, relative to `cwd`; or the URL of a folder in git. */
export function contextField(cwd: string) {
  return parsedField('a folder, or the URL of one', text => {
    if (isContextUrl(text)) {
      if (!urlField().safeParse(text).success) {
        throw new InputError(
          'must be a folder, or an http or https URL without user and password',
        );
      }
      return text;
    }
    const folder = resolve(cwd, text);
    if (!existsSync(folder) || !statSync(folder).isDirectory()) {
      throw new InputError(`there is no folder ${folder}`);
    }
    return folder;
  });
}

/** A duration as Backstage reads it, in milliseconds. */
export function durationField() {
  return z.unknown().transform((value, context): number => {
    try {
      const config = new ConfigReader({ value } as never);
      const ms = durationToMilliseconds(
        readDurationFromConfig(config, { key: 'value' }),
      );
      if (ms > 0) {
        return ms;
      }
    } catch {
      // said below, in words that fit the place
    }
    context.addIssue({
      code: 'custom',
      message: "must be a duration above zero, such as { hours: 1 } or 'PT1H'",
    });
    return z.NEVER;
  });
}

/** `{ frequency, timeout }`, each with a default in milliseconds. */
export function scheduleField(defaults: Schedule) {
  return block({
    frequency: durationField().default(defaults.frequencyMs),
    timeout: durationField().default(defaults.timeoutMs),
  })
    .transform(({ frequency, timeout }) => ({
      frequencyMs: frequency,
      timeoutMs: timeout,
    }))
    .default(defaults);
}
