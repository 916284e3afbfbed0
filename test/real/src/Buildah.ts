import { requireComponent } from '@imglife/test-registry';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { mustRun } from './runProgram';

/** Debian's buildah: no daemon, no network, no privileges beyond a chroot. */
export class Buildah {
  readonly #program: string;
  readonly #folder: string;

  /**
   * @param folder - for its storage and the build contexts
   * @throws Error - buildah is not installed
   */
  static async create(folder: string): Promise<Buildah> {
    const program = requireComponent('buildah');
    await mkdir(folder, { recursive: true });
    await writeFile(
      path.join(folder, 'policy.json'),
      JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }),
    );
    return new Buildah(program, folder);
  }

  private constructor(program: string, folder: string) {
    this.#program = program;
    this.#folder = folder;
  }

  /**
   * Builds a Dockerfile without RUN for each platform and pushes one index.
   *
   * @param options - `files`: of the context, by name
   */
  async push(options: {
    reference: string;
    dockerfile: string;
    platforms: string[];
    files?: Record<string, string | Buffer>;
    /** of the files; by default as they are written */
    mode?: number;
    /** all layers in one, those of the base too */
    squash?: boolean;
  }): Promise<void> {
    const { reference, dockerfile, platforms, files = {}, mode } = options;
    const squash = options.squash ? ['--squash'] : [];
    const name = reference.replace(/[^a-z0-9]+/g, '-');
    const context = path.join(this.#folder, name);
    await mkdir(context);
    for (const [file, content] of Object.entries(files)) {
      await writeFile(path.join(context, file), content, { mode });
    }
    const file = path.join(context, 'Dockerfile');
    await writeFile(file, dockerfile);
    const list = `localhost/${name}`;
    const policy = ['--signature-policy', `${this.#folder}/policy.json`];
    await this.#run(
      ...['bud', ...policy, '--tls-verify=false', '--pull-always', ...squash],
      ...['--format', 'oci', '--platform', platforms.join(',')],
      ...['--manifest', list, '-f', file, context],
    );
    await this.#run(
      ...['manifest', 'push', ...policy, '--all', '--tls-verify=false'],
      ...[list, `docker://${reference}`],
    );
  }

  async #run(...args: string[]): Promise<void> {
    const global = [
      ...['--root', path.join(this.#folder, 'storage')],
      ...['--runroot', path.join(this.#folder, 'run')],
      ...['--storage-driver', 'vfs'],
    ];
    await mustRun(this.#program, [...global, ...args], {
      env: { ...process.env, BUILDAH_ISOLATION: 'chroot' },
    });
  }
}
