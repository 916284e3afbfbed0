import { readFile } from 'node:fs/promises';
import type { BuildahSettings } from '../../definitions/Definitions';
import type { ProgramTask } from './ProgramBuilder';

/**
 * Calls `buildah` with a storage in the task's workspace, so that what goes on
 * at the same time does not meet.
 */
export class BuildahProgram {
  readonly #settings: BuildahSettings;

  static create(settings: BuildahSettings): BuildahProgram {
    return new BuildahProgram(settings);
  }

  private constructor(settings: BuildahSettings) {
    this.#settings = settings;
  }

  get command(): string {
    return this.#settings.command;
  }

  /** Writes what it needs to read registries. @returns flags for reading them */
  async prepare({ workspace, registries }: ProgramTask): Promise<string[]> {
    const policy = await workspace.write(
      'policy.json',
      JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }),
    );
    const insecure = registries.filter(registry => registry.insecure);
    await workspace.write(
      'registries.conf',
      insecure
        .map(
          ({ host }) => `[[registry]]\nlocation = "${host}"\ninsecure = true\n`,
        )
        .join('\n'),
    );
    const authorities = registries.flatMap(({ caFile }) => caFile ?? []);
    for (const [index, file] of authorities.entries()) {
      const text = await readFile(file, 'utf8');
      await workspace.write(`certs/${index}.crt`, text);
    }
    return [
      ...['--signature-policy', policy],
      // a folder; every `.crt` of it is an authority
      ...(authorities.length ? ['--cert-dir', workspace.path('certs')] : []),
    ];
  }

  /** @param limit - ends it before the task is ended */
  async run(
    task: ProgramTask,
    args: string[],
    limit?: AbortSignal,
  ): Promise<void> {
    const { workspace } = task;
    await task.run(
      this.command,
      [
        ...['--root', workspace.path('storage')],
        ...['--runroot', workspace.path('run')],
        ...['--storage-driver', this.#settings.storageDriver],
        ...args,
      ],
      {
        REGISTRY_AUTH_FILE: workspace.path('config.json'),
        CONTAINERS_REGISTRIES_CONF: workspace.path('registries.conf'),
      },
      limit,
    );
  }

  /** Files of a rootless build belong to other users: buildah removes them. */
  async clean(task: ProgramTask): Promise<void> {
    if (process.getuid?.() !== 0) {
      const storage = task.workspace.path('storage');
      await task.run(this.command, ['unshare', 'rm', '-rf', storage]);
    }
  }
}
