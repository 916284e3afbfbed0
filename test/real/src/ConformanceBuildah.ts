import { requireComponent } from '@imglife/test-registry';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { mustRun } from './runProgram';

/** Debian's buildah as the peer of the conformance table. */
export class ConformanceBuildah {
  readonly #program = requireComponent('buildah');
  readonly #folder: string;
  readonly #context: string;

  /** @param context - folder that every case is built with */
  static async create(
    folder: string,
    context: string,
  ): Promise<ConformanceBuildah> {
    await mkdir(folder, { recursive: true });
    await writeFile(
      path.join(folder, 'policy.json'),
      JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }),
    );
    return new ConformanceBuildah(folder, context);
  }

  private constructor(folder: string, context: string) {
    this.#folder = folder;
    this.#context = context;
  }

  /** Builds a context of its own and pushes it. @returns it, pinned */
  async pushMirror(reference: string, context: string): Promise<string> {
    const policy = this.#policy;
    const file = path.join(this.#folder, 'digest');
    const push = ['push', ...policy, '--tls-verify=false'];
    await this.#run(0, 'bud', ...policy, '-q', '-t', 'mirror', context);
    await this.#run(
      ...([
        0,
        ...push,
        '--digestfile',
        file,
        'mirror',
        `docker://${reference}`,
      ] as const),
    );
    return `${reference}@${await readFile(file, 'utf8')}`;
  }

  /**
   * Builds a Dockerfile and writes the image to a folder.
   *
   * @param worker - builds of one worker share a store and follow each other
   */
  async build(
    worker: number,
    dockerfile: string,
    args: Record<string, string>,
    to: string,
  ): Promise<void> {
    const file = path.join(this.#folder, `Dockerfile.${worker}`);
    const image = `case-${path.basename(to)}`;
    await writeFile(file, dockerfile);
    await mkdir(path.dirname(to), { recursive: true });
    const given = Object.entries(args).flatMap(([name, value]) => [
      '--build-arg',
      `${name}=${value}`,
    ]);
    await this.#run(
      ...([
        worker,
        'bud',
        ...this.#policy,
        '-q',
        '--tls-verify=false',
      ] as const),
      ...['--format', 'docker', '-t', image, ...given, '-f', file],
      this.#context,
    );
    await this.#run(
      ...([
        worker,
        'push',
        ...this.#policy,
        '-q',
        '--disable-compression',
      ] as const),
      ...[image, `dir:${to}`],
    );
  }

  /** Runs a command in a container of an image. @returns what it says */
  async runImage(reference: string, command: string[]): Promise<string> {
    const name = await this.#run(
      ...([0, 'from', ...this.#policy, '-q', '--tls-verify=false'] as const),
      reference,
    );
    return this.#run(0, 'run', name.trim(), '--', ...command);
  }

  get #policy(): string[] {
    return ['--signature-policy', path.join(this.#folder, 'policy.json')];
  }

  async #run(worker: number, ...args: string[]): Promise<string> {
    const store = path.join(this.#folder, String(worker));
    return mustRun(
      this.#program,
      [
        ...['--root', `${store}/storage`, '--runroot', `${store}/run`],
        ...['--storage-driver', 'vfs', ...args],
      ],
      { env: { ...process.env, BUILDAH_ISOLATION: 'chroot' } },
    );
  }
}
