import { constants } from 'node:os';
import { InputError } from '@backstage/errors';
import { type DockerfileInstruction, splitWords } from '@imglife/dockerfile';
import type { ContainerConfig } from '@imglife/oci';
import { readEnvironment, writeEnvironment } from './environment';
import {
  parseCommand,
  parseExpose,
  parseJsonForm,
  parsePairs,
} from './instructionArguments';

import { parseHealthcheck } from './parseHealthcheck';

type Expand = (word: string) => string;
type Handler = (instruction: DockerfileInstruction, expand: Expand) => void;

const REALTIME = /^RTM(?:IN(?:\+\d{1,2})?|AX(?:-\d{1,2})?)$/;
const MAX_SIGNAL = 64;

function checkSignal(signal: string): string {
  const name = signal.toUpperCase().replace(/^SIG/, '');
  const isNumber = /^\d+$/.test(name) && Number(name) <= MAX_SIGNAL;
  if (
    !(isNumber && Number(name) > 0) &&
    !(`SIG${name}` in constants.signals) &&
    !REALTIME.test(name)
  ) {
    throw new InputError(`${signal} is no signal such as SIGTERM or 15`);
  }
  return signal;
}

/**
 * The config a stage ends with: instructions that change no file (OCI
 * image-spec config.md; Shell, Healthcheck and OnBuild are Docker's own and
 * are written all the same, as BuildKit does).
 */
export class StageConfig {
  readonly config: ContainerConfig;
  /** of MAINTAINER */
  author: string | undefined;
  readonly #escape: string;
  /** whether this Dockerfile, not the mirror, set the command */
  #ownCommand = false;
  readonly #handlers: Record<string, Handler> = {
    ENV: ({ text }, expand) => this.#env(text, expand),
    LABEL: ({ text }, expand) => this.#label(text, expand),
    MAINTAINER: ({ text }, expand) => {
      this.author = expand(text);
    },
    USER: ({ text }, expand) => {
      this.config.User = this.#oneWord(text, expand);
    },
    EXPOSE: ({ text }, expand) => this.#expose(text, expand),
    VOLUME: ({ text }, expand) => this.#volume(text, expand),
    STOPSIGNAL: ({ text }, expand) => {
      this.config.StopSignal = checkSignal(this.#oneWord(text, expand));
    },
    SHELL: ({ text }) => this.#shell(text),
    CMD: ({ text }) => this.#cmd(text),
    ENTRYPOINT: ({ text }) => this.#entrypoint(text),
    HEALTHCHECK: ({ text, flags }) => {
      this.config.Healthcheck = parseHealthcheck(text, flags);
    },
    ONBUILD: ({ text }) => {
      const before = (this.config.OnBuild as string[] | undefined) ?? [];
      this.config.OnBuild = [...before, text];
    },
  };

  /** @param config - what the stage stands on; it is copied */
  static create(
    config: ContainerConfig,
    author: string | undefined,
    escape: string,
  ): StageConfig {
    return new StageConfig(config, author, escape);
  }

  private constructor(
    config: ContainerConfig,
    author: string | undefined,
    escape: string,
  ) {
    this.config = structuredClone(config);
    this.author = author;
    this.#escape = escape;
    // triggers are carried out by the stage and not handed on
    delete this.config.OnBuild;
  }

  /** Value of an environment variable. */
  environment(name: string): string | undefined {
    return readEnvironment(this.config.Env ?? [], name);
  }

  /**
   * @returns false for an instruction that is not the config's
   * @throws InputError - names what is wrong
   */
  run(instruction: DockerfileInstruction, expand: Expand): boolean {
    const handler = this.#handlers[instruction.keyword];
    handler?.(instruction, expand);
    return Boolean(handler);
  }

  #env(text: string, expand: Expand): void {
    for (const [name, value] of this.#pairs(text, expand)) {
      this.config.Env = writeEnvironment(this.config.Env ?? [], name, value);
    }
  }

  #label(text: string, expand: Expand): void {
    const labels = Object.fromEntries(this.#pairs(text, expand));
    this.config.Labels = { ...this.config.Labels, ...labels };
  }

  #expose(text: string, expand: Expand): void {
    const words = splitWords(text, this.#escape).map(expand);
    const ports = parseExpose(words.flatMap(word => word.split(/\s+/)));
    this.config.ExposedPorts = { ...this.config.ExposedPorts, ...ports };
  }

  #volume(text: string, expand: Expand): void {
    const words = parseJsonForm(text) ?? splitWords(text, this.#escape);
    const volumes = words.map(expand);
    if (!volumes.length || volumes.includes('')) {
      throw new InputError('needs the path of a folder');
    }
    this.config.Volumes = {
      ...this.config.Volumes,
      ...Object.fromEntries(volumes.map(path => [path, {}])),
    };
  }

  #shell(text: string): void {
    const shell = parseJsonForm(text);
    if (!shell?.length) {
      throw new InputError('needs a JSON array such as ["/bin/sh", "-c"]');
    }
    this.config.Shell = shell;
  }

  #cmd(text: string): void {
    this.config.Cmd = parseCommand(text, this.#shellWords);
    this.#ownCommand = true;
  }

  #entrypoint(text: string): void {
    this.config.Entrypoint = parseCommand(text, this.#shellWords);
    if (!this.#ownCommand) {
      // it was an argument of the mirror's entrypoint
      delete this.config.Cmd;
    }
  }

  get #shellWords(): string[] {
    return (this.config.Shell as string[]) ?? ['/bin/sh', '-c'];
  }

  #oneWord(text: string, expand: Expand): string {
    const words = splitWords(text, this.#escape);
    if (words.length !== 1) {
      throw new InputError('needs exactly one argument');
    }
    return expand(words[0]);
  }

  #pairs(text: string, expand: Expand): Array<[string, string]> {
    return parsePairs(text, this.#escape).map(([name, value]) => [
      expand(name),
      expand(value),
    ]);
  }
}
