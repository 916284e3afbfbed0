import { posix } from 'node:path';
import { InputError } from '@backstage/errors';
import type { ContextFile } from '@imglife/backstage-plugin-imglife-node';
import { type DockerfileInstruction, splitWords } from '@imglife/dockerfile';
import type { ImageConfig } from '@imglife/oci';
import { MARKER_FOLDER } from '../baseMarker';
import { copyFiles, createFolder } from './copyFiles';
import { atInstruction, expandWord } from './dockerfile';
import { readEnvironment, writeEnvironment } from './environment';
import { ImageTree } from './ImageTree';
import {
  parseCommand,
  parseCopy,
  parseExpose,
  parsePairs,
} from './instructionArguments';
import type { LayerEntry } from './layer';
import { StageVariables } from './StageVariables';

/** The part of an image's config that containers run by. */
export type ContainerConfig = NonNullable<ImageConfig['config']>;

/** What one instruction did. */
export interface StageStep {
  /** the instruction, for the image's history */
  source: string;
  /** entries of its layer; undefined when it only changed the config */
  entries?: LayerEntry[];
}

/** Where a stage begins. */
export interface StageOptions {
  /** the Dockerfile's escape character */
  escape: string;
  /** the pinned reference FROM must name */
  from: string;
  platform: string;
  /** build arguments */
  args: Readonly<Record<string, string>>;
  files: ReadonlyArray<ContextFile>;
  /** config of the mirror */
  config: ContainerConfig;
  /** reads the mirror's layers; asked only when an instruction needs them */
  readTree: () => Promise<ImageTree>;
}

type Handler = (
  instruction: DockerfileInstruction,
) => void | Promise<LayerEntry[]>;

/**
 * Carries out the instructions of the one stage of a Dockerfile for one
 * platform, as far as config and layers' content go. Nothing is pushed.
 */
export class Stage {
  readonly steps: StageStep[] = [];
  readonly config: ContainerConfig;
  readonly #options: StageOptions;
  readonly #variables: StageVariables;
  readonly #handlers: Record<string, Handler> = {
    FROM: ({ text }) => this.#from(text),
    ARG: ({ text }) => this.#arg(text),
    ENV: ({ text }) => this.#env(text),
    LABEL: ({ text }) => this.#label(text),
    USER: ({ text }) => this.#user(text),
    EXPOSE: ({ text }) => this.#expose(text),
    CMD: ({ text }) => this.#cmd(text),
    ENTRYPOINT: ({ text }) => this.#entrypoint(text),
    WORKDIR: ({ text }) => this.#workdir(text),
    COPY: instruction => this.#copy(instruction),
  };
  /** whether this Dockerfile, not the mirror, set the command */
  #ownCommand = false;
  #tree: Promise<ImageTree> | undefined;

  static create(options: StageOptions): Stage {
    return new Stage(options);
  }

  private constructor(options: StageOptions) {
    this.#options = options;
    this.config = structuredClone(options.config);
    this.#variables = StageVariables.create(options);
  }

  /** @throws InputError - names the instruction, its line and the fault */
  async run(instruction: DockerfileInstruction): Promise<void> {
    const { keyword, text, source } = instruction;
    try {
      if (text === '') {
        throw new InputError('needs an argument');
      }
      const entries = await this.#handlers[keyword](instruction);
      if (keyword !== 'ARG' && keyword !== 'FROM') {
        const layered = Array.isArray(entries) && entries.length > 0;
        this.steps.push({ source, entries: layered ? entries : undefined });
      }
    } catch (error) {
      if (error instanceof InputError) {
        throw new InputError(`${atInstruction(instruction)}: ${error.message}`);
      }
      throw error;
    }
  }

  #from(text: string): void {
    const { from, escape } = this.#options;
    const [image, ...alias] = splitWords(text, escape);
    if (alias.length && !(alias.length === 2 && /^as$/i.test(alias[0]))) {
      throw new InputError(`${alias.join(' ')} is not understood`);
    }
    const named = this.#expand(image);
    if (named !== from) {
      throw new InputError(
        `${named} is not the mirror this base follows; write FROM {{ mirror.reference }}, which is ${from}`,
      );
    }
    this.#variables.begin();
  }

  #arg(text: string): void {
    for (const word of splitWords(text, this.#options.escape)) {
      const [name, ...rest] = word.split('=');
      const value = rest.length ? this.#expand(rest.join('=')) : undefined;
      this.#variables.declare(name, value);
    }
  }

  #env(text: string): void {
    for (const [name, value] of this.#pairs(text)) {
      this.config.Env = writeEnvironment(this.#environment, name, value);
    }
  }

  #label(text: string): void {
    this.config.Labels = {
      ...this.config.Labels,
      ...Object.fromEntries(this.#pairs(text)),
    };
  }

  #user(text: string): void {
    this.config.User = this.#expand(text);
  }

  #expose(text: string): void {
    const words = splitWords(text, this.#options.escape);
    this.config.ExposedPorts = {
      ...this.config.ExposedPorts,
      ...parseExpose(words.map(word => this.#expand(word))),
    };
  }

  #cmd(text: string): void {
    this.config.Cmd = parseCommand(text, this.#shell);
    this.#ownCommand = true;
  }

  #entrypoint(text: string): void {
    this.config.Entrypoint = parseCommand(text, this.#shell);
    if (!this.#ownCommand) {
      // it was an argument of the mirror's entrypoint
      delete this.config.Cmd;
    }
  }

  async #workdir(text: string): Promise<LayerEntry[]> {
    const folder = posix.resolve(this.#folder, this.#expand(text));
    this.config.WorkingDir = folder;
    return createFolder(folder, await this.#readTree());
  }

  async #copy(instruction: DockerfileInstruction): Promise<LayerEntry[]> {
    const { text, flags } = instruction;
    const { escape, files } = this.#options;
    const words = parseCopy(text, escape, word => this.#expand(word));
    const written = words.pop() ?? '';
    const destination = posix.resolve(this.#folder, written);
    const isFolder = /(^|\/)\.?$/.test(written);
    return copyFiles(
      {
        sources: words,
        destination: isFolder ? posix.join(destination, '/') : destination,
        ...this.#owner(flags.chown),
        mode: this.#mode(flags.chmod),
      },
      files,
      await this.#treeFor(destination),
    );
  }

  #owner(chown: string | undefined): { uid: number; gid: number } {
    const text = this.#expand(chown ?? '0:0');
    const [, uid, gid = uid] = /^(\d+)(?::(\d+))?$/.exec(text) ?? [];
    if (uid === undefined) {
      throw new InputError(
        `--chown=${text} has a name; the embedded builder reads no /etc/passwd, so write the numbers, uid:gid`,
      );
    }
    return { uid: Number(uid), gid: Number(gid) };
  }

  #mode(chmod: string | undefined): number | undefined {
    if (chmod === undefined) {
      return undefined;
    }
    const text = this.#expand(chmod);
    if (!/^[0-7]{3,4}$/.test(text)) {
      throw new InputError(`--chmod=${text} is no octal number such as 0644`);
    }
    return parseInt(text, 8);
  }

  get #folder(): string {
    return posix.resolve('/', this.config.WorkingDir ?? '');
  }

  get #shell(): string[] {
    return (this.config.Shell as string[]) ?? ['/bin/sh', '-c'];
  }

  get #environment(): string[] {
    return this.config.Env ?? [];
  }

  // The marker's folders are plain ones in every image, so that a base that
  // only sets labels needs no layer of its mirror.
  async #treeFor(destination: string): Promise<ImageTree> {
    return this.#tree || !destination.startsWith(`${MARKER_FOLDER}/`)
      ? this.#readTree()
      : ImageTree.create();
  }

  #readTree(): Promise<ImageTree> {
    this.#tree ??= this.#options.readTree();
    return this.#tree;
  }

  #pairs(text: string): Array<[string, string]> {
    return parsePairs(text, this.#options.escape).map(([name, value]) => [
      this.#expand(name),
      this.#expand(value),
    ]);
  }

  #expand(word: string): string {
    return expandWord(
      word,
      this.#options.escape,
      name =>
        readEnvironment(this.#environment, name) ?? this.#variables.get(name),
    );
  }
}
