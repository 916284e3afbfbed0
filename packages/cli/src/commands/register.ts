import type { Registration } from '@imglife/backstage-plugin-imglife-common';
import { ciDefaults } from '../ciDefaults';
import type { CliContext } from '../CliContext';
import { exitCodes } from '../exitCodes';
import { keyValues } from '../keyValues';

/** Options of `imglife register`. */
export interface RegisterOptions {
  image: string;
  digest?: string;
  base?: string;
  revision?: string;
  project?: string;
  platform: string[];
  builtAt?: string;
  entity?: string;
  field: string[];
  output: 'text' | 'json';
}

/** Records an application build; a repeat changes nothing. */
export async function register(
  options: RegisterOptions,
  context: CliContext,
): Promise<number> {
  const answer = await context.api().register(toRegistration(options, context));
  if (options.output === 'json') {
    context.print(JSON.stringify(answer, undefined, 2));
    return exitCodes.ok;
  }
  const { base, detection, verdict } = answer;
  context.print(`image      ${answer.reference}`);
  context.print(
    `base       ${base?.reference ?? 'none'} (${detection.method}, ${
      detection.confidence
    }${detection.mismatch ? ', contradicted by the layers' : ''})`,
  );
  context.print(`freshness  ${verdict.freshness}`);
  context.print(`status     ${answer.status}`);
  verdict.warnings.forEach(warning => context.print(`warning    ${warning}`));
  if (verdict.advice) {
    context.print(`advice     ${verdict.advice}`);
  }
  return exitCodes.ok;
}

function toRegistration(
  options: RegisterOptions,
  context: CliContext,
): Registration {
  const ci = ciDefaults(context.env);
  const fields = keyValues('--field', options.field, context.env);
  if (ci.jobUrl && fields.ci_job_url === undefined) {
    fields.ci_job_url = ci.jobUrl;
  }
  const revision = options.revision ?? ci.revision;
  const project = options.project ?? ci.project;
  return {
    image: options.image,
    ...(options.digest && { digest: options.digest }),
    ...(options.base && { base: options.base }),
    ...(revision && { revision }),
    ...(project && { project }),
    ...(options.platform.length && { platforms: options.platform }),
    ...(options.builtAt && { builtAt: options.builtAt }),
    ...(options.entity && { entityRef: options.entity }),
    ...(Object.keys(fields).length && { fields }),
  };
}
