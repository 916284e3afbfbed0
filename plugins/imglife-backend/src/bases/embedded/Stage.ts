import { posix } from 'node:path';
import { InputError } from '@backstage/errors';
import {
  type DockerfileInstruction,
  isHeredoc,
  splitWords,
} from '@imglife/dockerfile';
import type { ContainerConfig } from '@imglife/oci';
import { MARKER_FOLDER } from '../baseMarker';
import { contentOf } from './contextTree';
import { copyFiles, createFolder, type CopySources } from './copyFiles';
import { atInstruction, expandHeredoc, expandWord } from './dockerfile';
import { findOwner } from './findOwner';
import type { FoundSource } from './findSources';
import { ImageTree } from './ImageTree';
import { parseJsonForm } from './instructionArguments';
import type { LayerEntry } from './LayerWriter';
import { parseMode } from './parseMode';
import type { SourceImage } from './SourceImages';
import { StageConfig } from './StageConfig';
import type { StageVariables } from './StageVariables';

/** What one instruction did. */
export interface StageStep {
  /** the instruction, for the image's history */
  source: string;
  /** entries of its layer; undefined when it only changed the config */
  entries?: LayerEntry[];
}

/** What a stage stands on, or what it ends with. */
export interface StageImage {
  /** undefined for `scratch` */
  root: SourceImage | undefined;
  config: ContainerConfig;
  author?: string;
  /** done on top of the root */
  steps: ReadonlyArray<StageStep>;
  /** its files, to be changed freely */
  readTree(): Promise<ImageTree>;
}

/** Where a stage begins. */
export interface StageOptions {
  /** the Dockerfile's escape character */
  escape: string;
  parent: StageImage;
  variables: StageVariables;
  context: ImageTree;
  /** files of another stage, or of another image */
  readFrom(name: string): Promise<ImageTree>;
  /** the content, when ADD is to unpack it */
  readArchive(source: FoundSource): Promise<ImageTree | undefined>;
}

/** A flag that needs no value. */
function isOn(flag: string | undefined): boolean {
  return flag !== undefined && !/^(?:false|f|0)$/i.test(flag);
}

/**
 * Carries out the instructions of one stage of a Dockerfile for one platform,
 * as far as config and layers' content go. Nothing is pushed.
 */
export class Stage implements StageImage {
  readonly root: SourceImage | undefined;
  readonly variables: StageVariables;
  readonly #steps: StageStep[];
  readonly #config: StageConfig;
  readonly #options: StageOptions;
  #tree: Promise<ImageTree> | undefined;

  static create(options: StageOptions): Stage {
    return new Stage(options);
  }

  private constructor(options: StageOptions) {
    const { parent, escape } = options;
    this.#options = options;
    this.root = parent.root;
    this.variables = options.variables;
    this.#steps = [...parent.steps];
    this.#config = StageConfig.create(parent.config, parent.author, escape);
  }

  get config(): ContainerConfig {
    return this.#config.config;
  }

  get author(): string | undefined {
    return this.#config.author;
  }

  get steps(): ReadonlyArray<StageStep> {
    return this.#steps;
  }

  async readTree(): Promise<ImageTree> {
    return (await this.#image()).clone();
  }

  /** @throws InputError - names the instruction, its line and the fault */
  async run(instruction: DockerfileInstruction): Promise<void> {
    const { keyword, text, source } = instruction;
    try {
      if (text === '') {
        throw new InputError('needs an argument');
      }
      const entries = await this.#carryOut(instruction);
      if (keyword !== 'ARG') {
        this.#steps.push({
          source,
          entries: entries.length ? entries : undefined,
        });
      }
    } catch (error) {
      if (error instanceof InputError) {
        throw new InputError(`${atInstruction(instruction)}: ${error.message}`);
      }
      throw error;
    }
  }

  async #carryOut(instruction: DockerfileInstruction): Promise<LayerEntry[]> {
    switch (instruction.keyword) {
      case 'ARG':
        this.#arg(instruction.text);
        return [];
      case 'WORKDIR':
        return this.#workdir(instruction.text);
      case 'COPY':
      case 'ADD':
        return this.#copy(instruction);
      default:
        this.#config.run(instruction, word => this.#expand(word));
        return [];
    }
  }

  #arg(text: string): void {
    for (const word of splitWords(text, this.#options.escape)) {
      const [name, ...rest] = word.split('=');
      const value = rest.length ? this.#expand(rest.join('=')) : undefined;
      this.variables.declare(name, value);
    }
  }

  async #workdir(text: string): Promise<LayerEntry[]> {
    const folder = posix.resolve(this.#folder, this.#expand(text));
    this.config.WorkingDir = folder;
    // as BuildKit does, and unlike COPY, which is root's
    const user = this.config.User;
    const image = await this.#image();
    const owner = await findOwner(user || '0:0', async () => image);
    return createFolder(folder, image, owner);
  }

  async #copy(instruction: DockerfileInstruction): Promise<LayerEntry[]> {
    const { text, flags, flagList, keyword } = instruction;
    const { escape } = this.#options;
    const words = (parseJsonForm(text) ?? splitWords(text, escape)).slice();
    const written = this.#expand(words.pop() ?? '');
    if (!words.length) {
      throw new InputError('needs a source and a destination');
    }
    const destination = posix.resolve(this.#folder, written);
    const isFolder = /(^|\/)\.?\.?$/.test(written);
    const { chown, chmod } = flags;
    return copyFiles(
      {
        destination: isFolder ? posix.join(destination, '/') : destination,
        owner:
          chown === undefined
            ? undefined
            : await this.#owner(this.#expand(chown)),
        mode: chmod === undefined ? undefined : parseMode(this.#expand(chmod)),
        link: isOn(flags.link),
        parents: isOn(flags.parents),
        exclude: flagList
          .filter(([name]) => name === 'exclude')
          .map(([, pattern]) => this.#expand(pattern)),
      },
      await this.#sources(instruction, words),
      await this.#treeFor(destination),
      async source =>
        keyword === 'ADD' && isOn(flags.unpack ?? 'true')
          ? this.#options.readArchive(source)
          : undefined,
    );
  }

  /** What is copied: paths first, then what stands in the Dockerfile. */
  async #sources(
    { flags, heredocs }: DockerfileInstruction,
    words: string[],
  ): Promise<CopySources[]> {
    const named = words.filter(word => !isHeredoc(word));
    const paths = named.map(word => this.#expand(word));
    const written = ImageTree.create();
    for (const { name, content, expand } of heredocs) {
      const text = expand
        ? expandHeredoc(content, each => this.#variable(each))
        : content;
      written.set(name, {
        type: 'file',
        mode: 0o644,
        uid: 0,
        gid: 0,
        content: contentOf(Buffer.from(text)),
      });
    }
    const names = heredocs.map(({ name }) => name);
    return [
      { words: paths, ...(await this.#from(flags.from)) },
      { words: names, from: written, where: 'the Dockerfile' },
    ];
  }

  async #from(
    flag: string | undefined,
  ): Promise<Pick<CopySources, 'from' | 'where'>> {
    if (flag === undefined) {
      return { from: this.#options.context, where: 'the context' };
    }
    const name = this.#expand(flag);
    return { from: await this.#options.readFrom(name), where: name };
  }

  async #owner(text: string) {
    return findOwner(text, () => this.#image());
  }

  get #folder(): string {
    return posix.resolve('/', this.config.WorkingDir ?? '');
  }

  // The marker's folders are plain ones in every image, so that a base that
  // only sets labels needs no layer of its mirror.
  async #treeFor(destination: string): Promise<ImageTree> {
    return this.#tree || !destination.startsWith(`${MARKER_FOLDER}/`)
      ? this.#image()
      : ImageTree.create();
  }

  #image(): Promise<ImageTree> {
    this.#tree ??= this.#options.parent.readTree();
    return this.#tree;
  }

  #expand(word: string): string {
    const { escape } = this.#options;
    return expandWord(word, escape, name => this.#variable(name));
  }

  #variable(name: string): string | undefined {
    return this.#config.environment(name) ?? this.variables.get(name);
  }
}
