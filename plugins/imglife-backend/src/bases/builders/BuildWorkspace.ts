import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type {
  BuildRequest,
  ContextFile,
} from '@imglife/backstage-plugin-imglife-node';

const PRIVATE = 0o600;

/**
 * A private folder for one build: the context, the Dockerfile, and what a
 * program needs to read registries. Removed whole when the build is over.
 */
export class BuildWorkspace {
  /** absolute */
  readonly folder: string;

  /**
   * Makes the folder.
   *
   * @param build - whose context and Dockerfile are written into it
   */
  static async create(
    build?: Pick<BuildRequest, 'dockerfile' | 'files'>,
  ): Promise<BuildWorkspace> {
    // mkdtemp makes it readable by us alone
    const folder = await mkdtemp(join(tmpdir(), 'imglife-build-'));
    const workspace = new BuildWorkspace(folder);
    try {
      if (build) {
        await workspace.#writeContext(build);
      }
    } catch (error) {
      await workspace.remove();
      throw error;
    }
    return workspace;
  }

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Of this task alone; lower-case. */
  get name(): string {
    return basename(this.folder).toLowerCase();
  }

  /** The build context. */
  get context(): string {
    return this.path('context');
  }

  /** The Dockerfile, which lies outside the context. */
  get dockerfile(): string {
    return this.path('Dockerfile');
  }

  /** An absolute name in the folder. */
  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  /** Writes a file that is ours alone, folders included. @returns its name */
  async write(name: string, content: string): Promise<string> {
    const file = this.path(name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content, { mode: PRIVATE });
    return file;
  }

  /** Removes it all. */
  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  async #writeContext(
    request: Pick<BuildRequest, 'dockerfile' | 'files'>,
  ): Promise<void> {
    await mkdir(this.context);
    await writeFile(this.dockerfile, request.dockerfile);
    // links last, so that nothing is written through one
    const isLink = ({ type }: ContextFile) => type === 'symlink';
    const entries = [
      ...request.files.filter(entry => !isLink(entry)),
      ...request.files.filter(isLink),
    ];
    for (const entry of entries) {
      const file = join(this.context, entry.path);
      await mkdir(dirname(file), { recursive: true });
      switch (entry.type) {
        case 'directory':
          await mkdir(file, { recursive: true, mode: entry.mode });
          break;
        case 'symlink':
          await symlink(entry.target, file);
          break;
        default:
          await writeFile(file, entry.open?.() ?? (await entry.read()), {
            mode: entry.mode,
          });
      }
    }
  }
}
