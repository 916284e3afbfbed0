import { InputError, toError } from '@backstage/errors';
import { formatPlatform, parsePlatform, parseReference } from '@imglife/oci';
import { ArchiveFiles } from './ArchiveFiles';
import type { BuildSpool } from './BuildSpool';
import { archiveCompression, decompress } from './decompress';
import type { FoundSource } from './findSources';
import { ImageTree } from './ImageTree';
import { readTriggers } from './instructionFaults';
import { atInstruction, expandWord } from './dockerfile';
import type { SourceImage, SourceImages } from './SourceImages';
import {
  findStage,
  type DockerfileStages,
  type StageText,
} from './splitStages';
import { Stage, type StageImage } from './Stage';
import { StageVariables } from './StageVariables';

/** What {@link PlatformBuild} works with. */
export interface PlatformBuildOptions {
  dockerfile: DockerfileStages;
  /** the Dockerfile's escape character */
  escape: string;
  /** the pinned reference the last stage must stand on */
  from: string;
  platform: string;
  /** build arguments */
  args: Readonly<Record<string, string>>;
  context: ImageTree;
  images: SourceImages;
  spool: BuildSpool;
}

const SCRATCH: StageImage = {
  root: undefined,
  config: {},
  steps: [],
  readTree: async () => ImageTree.create(),
};

/** Carries out a Dockerfile for one platform: the stages the last one needs. */
export class PlatformBuild {
  readonly #options: PlatformBuildOptions;
  readonly #globals: StageVariables;
  readonly #stages = new Map<number, Promise<Stage>>();

  static create(options: PlatformBuildOptions): PlatformBuild {
    return new PlatformBuild(options);
  }

  private constructor(options: PlatformBuildOptions) {
    this.#options = options;
    this.#globals = StageVariables.create(options);
  }

  /**
   * @throws InputError - names the instruction and its line
   * @throws RegistryError - an image cannot be read
   */
  async run(): Promise<StageImage & { root: SourceImage }> {
    const { dockerfile, from, images, platform, escape } = this.#options;
    for (const instruction of dockerfile.globals) {
      const stage = Stage.create({
        escape,
        parent: SCRATCH,
        variables: this.#globals,
        context: ImageTree.create(),
        readFrom: async () => ImageTree.create(),
        readArchive: async () => undefined,
      });
      await stage.run(instruction);
    }
    const last = dockerfile.stages.length - 1;
    const stage = await this.#stage(last);
    const mirror = await images.find(from, platform);
    const { root, config, author, steps } = stage;
    if (root?.image.digest !== mirror.image.digest) {
      const at = atInstruction(dockerfile.stages[last].from);
      throw new InputError(
        `${at}: the last stage does not stand on the mirror this base follows; write FROM {{ mirror.reference }}, which is ${from}`,
      );
    }
    return { root, config, author, steps, readTree: () => stage.readTree() };
  }

  #stage(index: number): Promise<Stage> {
    const known = this.#stages.get(index) ?? this.#build(index);
    this.#stages.set(index, known);
    return known;
  }

  async #build(index: number): Promise<Stage> {
    const { escape, context } = this.#options;
    const text = this.#options.dockerfile.stages[index];
    const { parent, variables } = await this.#parent(text, index);
    const stage = Stage.create({
      escape,
      parent,
      context,
      variables: this.#globals.stage(variables),
      readFrom: name => this.#readFrom(name, index),
      readArchive: source => this.#readArchive(source),
    });
    const triggers = readTriggers(
      (parent.config.OnBuild as string[] | undefined) ?? [],
      text.from,
    );
    for (const instruction of [...triggers, ...text.instructions]) {
      await stage.run(instruction);
    }
    return stage;
  }

  async #parent(
    { from, image, name }: StageText,
    index: number,
  ): Promise<{ parent: StageImage; variables?: StageVariables }> {
    const { stages } = this.#options.dockerfile;
    try {
      const named = this.#expandGlobal(image);
      const found = findStage(named, index, stages);
      // a number is a stage for COPY --from alone
      if (found !== undefined && !/^\d+$/.test(named)) {
        const parent = await this.#stage(found);
        return { parent, variables: parent.variables };
      }
      if (named === 'scratch') {
        return { parent: SCRATCH };
      }
      const platform = this.#platform(from.flags.platform);
      return { parent: await this.#image(named, platform) };
    } catch (error) {
      if (error instanceof InputError && !error.message.includes(' in line ')) {
        const at = atInstruction(from);
        throw new InputError(
          `${at}${name ? ` (${name})` : ''}: ${error.message}`,
        );
      }
      throw error;
    }
  }

  #platform(flag: string | undefined): string {
    if (flag === undefined) {
      return this.#options.platform;
    }
    try {
      return formatPlatform(parsePlatform(this.#expandGlobal(flag)));
    } catch (error) {
      throw new InputError(`--platform: ${toError(error).message}`);
    }
  }

  async #image(reference: string, platform: string): Promise<StageImage> {
    const { images } = this.#options;
    const root = await images.find(this.#pinned(reference), platform);
    return {
      root,
      config: root.image.config.config ?? {},
      author: root.image.config.author as string | undefined,
      steps: [],
      readTree: () => images.readTree(root),
    };
  }

  /** What is not pinned would give another image some day. */
  #pinned(reference: string): string {
    const { from } = this.#options;
    if (reference !== from && !this.#digestOf(reference)) {
      throw new InputError(
        `${reference} is neither the mirror this base follows, nor an earlier stage, nor pinned by a digest; write FROM {{ mirror.reference }}, which is ${from}, or name@sha256:…`,
      );
    }
    return reference;
  }

  #digestOf(reference: string): string | undefined {
    try {
      return parseReference(reference).digest;
    } catch (error) {
      throw new InputError(toError(error).message);
    }
  }

  async #readFrom(name: string, index: number): Promise<ImageTree> {
    const { dockerfile, platform } = this.#options;
    const found = findStage(name, index, dockerfile.stages);
    const source =
      found === undefined
        ? await this.#image(name, platform)
        : await this.#stage(found);
    return source.readTree();
  }

  async #readArchive(source: FoundSource): Promise<ImageTree | undefined> {
    try {
      return await this.#unpack(source);
    } catch (error) {
      // it is a file of the context: what is wrong with it is its maker's
      throw new InputError(`${source.name}: ${toError(error).message}`);
    }
  }

  async #unpack({ entry }: FoundSource): Promise<ImageTree | undefined> {
    if (entry.type !== 'file') {
      return undefined;
    }
    const { key, open } = entry.content;
    const compression = await archiveCompression(open);
    if (!compression) {
      return undefined;
    }
    const archive = ArchiveFiles.create({
      key,
      spool: this.#options.spool,
      open: async () => decompress(await open(), compression),
    });
    const tree = ImageTree.create();
    tree.apply(await archive.list());
    return tree;
  }

  #expandGlobal(word: string): string {
    const { escape } = this.#options;
    return expandWord(word, escape, name => this.#globals.get(name));
  }
}
