import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  ImageSigner,
  SignRequest,
} from '@imglife/backstage-plugin-imglife-node';
import { parseReference } from '@imglife/oci';
import type { CosignSettings } from '../../definitions/Definitions';
import type { BuilderProgram } from '../builders/BuilderProgram';
import {
  dockerConfig,
  secretsOf,
  type BuildRegistry,
} from '../builders/registryHosts';

const PRIVATE = 0o600;

/** What {@link CosignSigner} works with. */
export interface CosignSignerOptions {
  /** read at use: definitions may change */
  settings: () => CosignSettings;
  program: BuilderProgram;
}

/**
 * `cosign sign`, by digest. It has a private folder as its home, with the
 * credentials of the base's registry alone, which is removed afterwards.
 */
export class CosignSigner implements ImageSigner {
  readonly id = 'cosign';
  readonly #options: CosignSignerOptions;

  static create(options: CosignSignerOptions): CosignSigner {
    return new CosignSigner(options);
  }

  private constructor(options: CosignSignerOptions) {
    this.#options = options;
  }

  /** Why it cannot work here, or undefined: said once at start. */
  async findFault(): Promise<string | undefined> {
    const { command } = this.#options.settings();
    return (await this.#options.program.find(command))
      ? undefined
      : `signer cosign: the program ${command} is not installed where the backend runs; bases that imglife.bases.sign names it for will fail`;
  }

  /**
   * @throws ServiceUnavailableError - the program is not installed
   * @throws InputError - the registry's credentials are not what a program can use
   * @throws Error - it failed, or took too long; secrets masked
   */
  async sign(
    { reference, registry }: SignRequest,
    { log, signal }: { log(line: string): void; signal: AbortSignal },
  ): Promise<void> {
    const settings = this.#options.settings();
    const { command, password, env, timeoutMs } = settings;
    const host = parseReference(reference).registry;
    const access = registry(host);
    const registries: BuildRegistry[] = access ? [{ host, ...access }] : [];
    const config = dockerConfig(registries);
    const limit = AbortSignal.timeout(timeoutMs);
    // mkdtemp makes it readable by us alone
    const folder = await mkdtemp(join(tmpdir(), 'imglife-sign-'));
    try {
      await writeFile(join(folder, 'config.json'), config, { mode: PRIVATE });
      await this.#options.program.run({
        program: command,
        args: signArguments(settings, reference, access),
        env: {
          HOME: folder,
          TMPDIR: folder,
          ...env,
          DOCKER_CONFIG: folder,
          // without it cosign would ask, and there is nobody to answer
          COSIGN_PASSWORD: password ?? '',
        },
        cwd: folder,
        secrets: [
          ...secretsOf(registries),
          ...Object.values(env),
          ...(password === undefined ? [] : [password]),
        ],
        cure: 'install it, or take it out of imglife.bases.sign',
        log,
        signal: AbortSignal.any([signal, limit]),
      });
    } catch (error) {
      if (limit.aborted && !signal.aborted) {
        throw new Error(
          `${command} did not sign within ${timeoutMs / 1000} seconds`,
        );
      }
      throw error;
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  }
}

function signArguments(
  { key, recursive, args }: CosignSettings,
  reference: string,
  access: { insecure: boolean; caFile?: string } | undefined,
): string[] {
  return [
    ...['sign', '--yes'],
    ...(key === undefined ? [] : ['--key', key]),
    ...(recursive ? ['--recursive'] : []),
    ...(access?.insecure ? ['--allow-http-registry'] : []),
    ...(access?.caFile ? ['--registry-cacert', access.caFile] : []),
    ...args,
    reference,
  ];
}
