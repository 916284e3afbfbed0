import { posix } from 'node:path';
import { InputError } from '@backstage/errors';
import type { ContextFile } from '@imglife/backstage-plugin-imglife-node';
import { parsePlatform, type ImageConfig } from '@imglife/oci';
import { MARKER_FOLDER } from '../baseMarker';
import { copyFiles } from './copyFiles';
import { expandWord } from './expandWord';
import { ImageTree } from './ImageTree';
import {
  parseCommand,
  parseCopy,
  parseExpose,
  parsePairs,
} from './instructionArguments';
import type { LayerEntry } from './layer';
import { atInstruction, type DockerfileInstruction } from './parseDockerfile';

/** The part of an image's config that containers run by. */
export type ContainerConfig = NonNullable<ImageConfig['config']>;

/** What one instruction did. */
export interface StageStep {
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

function targetArgs(platform: string): Record<string, string> {
  const { os, architecture, variant } = parsePlatform(platform);
  return {
    TARGETPLATFORM: platform,
    TARGETOS: os,
    TARGETARCH: architecture,
    TARGETVARIANT: variant ?? '',
  };
}

/**
 * Carries out the instructions of the one stage of a Dockerfile for one
 * platform, as far as config and layers' content go. Nothing is pushed.
 */
export class Stage {
  readonly steps: StageStep[] = [];
  readonly config: ContainerConfig;
  readonly #options: StageOptions;
  /** before FROM */
  readonly #globals = new Map<string, string | undefined>();
  readonly #args = new Map<string, string | undefined>();
  readonly #given: Record<string, string>;
  #begun = false;
  #ownCommand = false;
  #tree: Promise<ImageTree> | undefined;

  static create(options: StageOptions): Stage {
    return new Stage(options);
  }

  private constructor(options: StageOptions) {
    this.#options = options;
    this.config = structuredClone(options.config);
    this.#given = { ...targetArgs(options.platform), ...options.args };
  }

  /** @throws InputError - names the instruction, its line and the fault */
  async run(instruction: DockerfileInstruction): Promise<void> {
    try {
      const entries = await this.#run(instruction);
      if (!['ARG', 'FROM'].includes(instruction.keyword)) {
        this.steps.push({ source: instruction.source, entries });
      }
    } catch (error) {
      if (error instanceof InputError) {
        throw new InputError(`${atInstruction(instruction)}: ${error.message}`);
      }
      throw error;
    }
  }

  async #run(
    instruction: DockerfileInstruction,
  ): Promise<LayerEntry[] | undefined> {
    const { keyword, text } = instruction;
    if (text === '') {
      throw new InputError('needs an argument');
    }
    switch (keyword) {
      case 'FROM':
        return this.#from(text);
      case 'ARG':
        return this.#arg(text);
      case 'ENV':
        return this.#env(text);
      case 'LABEL':
        this.config.Labels = {
          ...this.config.Labels,
          ...Object.fromEntries(this.#pairs(text)),
        };
        return undefined;
      case 'USER':
        this.config.User = this.#expand(text);
        return undefined;
      case 'EXPOSE':
        this.config.ExposedPorts = {
          ...this.config.ExposedPorts,
          ...parseExpose(this.#words(text)),
        };
        return undefined;
      case 'CMD':
      case 'ENTRYPOINT':
        return this.#command(keyword, text);
      case 'WORKDIR':
        return await this.#workdir(text);
      case 'COPY':
        return await this.#copy(instruction);
      default:
        throw new InputError('is beyond the embedded builder');
    }
  }

  #from(text: string): undefined {
    const { from } = this.#options;
    const [image] = parsePairsOfFrom(text, this.#options.escape);
    const named = expandWord(
      image,
      this.#options.escape,
      name => this.#globals.get(name) ?? targetArgs(this.#options.platform)[name],
    );
    if (named !== from) {
      throw new InputError(
        `${named} is not the mirror this base follows; write FROM {{ mirror.reference }}, which is ${from}`,
      );
    }
    this.#begun = true;
  }

  #arg(text: string): undefined {
    const args = this.#begun ? this.#args : this.#globals;
    for (const word of this.#words(text, false)) {
      const [, name, , value] = /^([^=]*)(=([^]*))?$/.exec(word) ?? [];
      const preset = this.#begun ? this.#globals.get(name) : undefined;
      args.set(
        name,
        this.#given[name] ??
          (value === undefined ? preset : this.#expand(value)),
      );
    }
  }

  #env(text: string): undefined {
    for (const [name, value] of this.#pairs(text)) {
      const others = (this.config.Env ?? []).filter(
        each => !each.startsWith(`${name}=`),
      );
      const at = (this.config.Env ?? []).length - others.length;
      // in its place, so that an order others rely on stays
      this.config.Env = at
        ? (this.config.Env ?? []).map(each =>
            each.startsWith(`${name}=`) ? `${name}=${value}` : each,
          )
        : [...others, `${name}=${value}`];
    }
  }

  #command(keyword: 'CMD' | 'ENTRYPOINT', text: string): undefined {
    const shell = this.config.Shell as string[] | undefined;
    const command = parseCommand(text, shell ?? ['/bin/sh', '-c']);
    if (keyword === 'CMD') {
      this.config.Cmd = command;
      this.#ownCommand = true;
      return;
    }
    this.config.Entrypoint = command;
    if (!this.#ownCommand) {
      // a command that belonged to the mirror's entrypoint
      delete this.config.Cmd;
    }
  }

  async #workdir(text: string): Promise<LayerEntry[] | undefined> {
    const folder = posix.resolve(this.#folder, this.#expand(text));
    this.config.WorkingDir = folder;
    const tree = await this.#readTree();
    const entries = await copyFiles(
      { sources: [], destination: `${folder}/`, uid: 0, gid: 0 },
      [],
      tree,
    );
    return entries.length ? entries : undefined;
  }

  async #copy({ text, flags }: DockerfileInstruction): Promise<LayerEntry[]> {
    const words = parseCopy(text, this.#options.escape, word =>
      this.#expand(word),
    );
    const destination = words.pop() ?? '';
    const isFolder = /(^|\/)\.?$/.test(destination);
    const absolute = posix.resolve(this.#folder, destination);
    const owner = /^(\d+)(?::(\d+))?$/.exec(this.#expand(flags.chown ?? '0:0'));
    if (!owner) {
      throw new InputError(
        `--chown=${flags.chown} is no number; the embedded builder reads no /etc/passwd, write uid:gid`,
      );
    }
    const mode = this.#expand(flags.chmod ?? '');
    if (mode !== '' && !/^[0-7]{3,4}$/.test(mode)) {
      throw new InputError(`--chmod=${mode} is no octal number such as 0644`);
    }
    return copyFiles(
      {
        sources: words,
        destination: isFolder && absolute !== '/' ? `${absolute}/` : absolute,
        uid: Number(owner[1]),
        gid: Number(owner[2] ?? owner[1]),
        mode: mode === '' ? undefined : parseInt(mode, 8),
      },
      this.#options.files,
      await this.#treeFor(absolute),
    );
  }

  get #folder(): string {
    return posix.resolve('/', this.config.WorkingDir ?? '');
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

  #words(text: string, expanded = true): string[] {
    const words = parsePairsOfFrom(text, this.#options.escape);
    return expanded ? words.map(word => this.#expand(word)) : words;
  }

  #expand(word: string): string {
    return expandWord(word, this.#options.escape, name => {
      const variable = (this.config.Env ?? []).find(each =>
        each.startsWith(`${name}=`),
      );
      const args = this.#begun ? this.#args : this.#globals;
      return variable?.slice(name.length + 1) ?? args.get(name);
    });
  }
}
