import { parsePlatform } from '@imglife/oci';

function targetArgs(platform: string): Array<[string, string]> {
  const { os, architecture, variant } = parsePlatform(platform);
  return [
    ['TARGETPLATFORM', platform],
    ['TARGETOS', os],
    ['TARGETARCH', architecture],
    ['TARGETVARIANT', variant ?? ''],
  ];
}

/**
 * Build arguments of a stage: those declared before FROM count in FROM, and
 * after it once they are declared again (Dockerfile reference, "Understand how
 * ARG and FROM interact").
 */
export class StageVariables {
  /** what the builder was given; it wins over a default */
  readonly #given: Map<string, string>;
  readonly #target: Map<string, string>;
  readonly #globals = new Map<string, string | undefined>();
  readonly #args = new Map<string, string | undefined>();
  #begun = false;

  static create(options: {
    platform: string;
    args: Readonly<Record<string, string>>;
  }): StageVariables {
    return new StageVariables(options.platform, options.args);
  }

  private constructor(
    platform: string,
    args: Readonly<Record<string, string>>,
  ) {
    this.#target = new Map(targetArgs(platform));
    this.#given = new Map([...this.#target, ...Object.entries(args)]);
  }

  /** FROM is reached. */
  begin(): void {
    this.#begun = true;
  }

  /** @param value - the default, when there is one */
  declare(name: string, value: string | undefined): void {
    const args = this.#begun ? this.#args : this.#globals;
    const preset = this.#begun ? this.#globals.get(name) : undefined;
    args.set(name, this.#given.get(name) ?? value ?? preset);
  }

  get(name: string): string | undefined {
    return this.#begun
      ? this.#args.get(name)
      : this.#globals.get(name) ?? this.#target.get(name);
  }
}
