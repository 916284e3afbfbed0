import { parsePlatform } from '@imglife/oci';

function platformArgs(prefix: string, platform: string) {
  const { os, architecture, variant } = parsePlatform(platform);
  return [
    [`${prefix}PLATFORM`, platform],
    [`${prefix}OS`, os],
    [`${prefix}ARCH`, architecture],
    [`${prefix}VARIANT`, variant ?? ''],
  ] as Array<[string, string]>;
}

/**
 * Build arguments: those declared before FROM count in FROM, and in a stage
 * once they are declared again; a stage has those of the stage it stands on
 * (Dockerfile reference, "Understand how ARG and FROM interact", "Scope").
 */
export class StageVariables {
  /** what the builder was given; it wins over a default */
  readonly #given: ReadonlyMap<string, string>;
  readonly #globals: ReadonlyMap<string, string | undefined>;
  readonly #args: Map<string, string | undefined>;
  readonly #visible: ReadonlyMap<string, string>;

  /**
   * Those before the first FROM. As nothing is run, the platform that builds
   * (BUILDPLATFORM) is the one that is built for: a build gives the same
   * wherever it runs.
   */
  static create(options: {
    platform: string;
    args: Readonly<Record<string, string>>;
  }): StageVariables {
    const predefined = new Map([
      ...platformArgs('TARGET', options.platform),
      ...platformArgs('BUILD', options.platform),
    ]);
    const given = new Map([...predefined, ...Object.entries(options.args)]);
    return new StageVariables(given, new Map(), new Map(), predefined);
  }

  private constructor(
    given: ReadonlyMap<string, string>,
    globals: ReadonlyMap<string, string | undefined>,
    args: Map<string, string | undefined>,
    visible: ReadonlyMap<string, string>,
  ) {
    this.#given = given;
    this.#globals = globals;
    this.#args = args;
    this.#visible = visible;
  }

  /** Those of a new stage. @param parent - of the stage it stands on */
  stage(parent?: StageVariables): StageVariables {
    const args = new Map(parent ? parent.#args : []);
    return new StageVariables(this.#given, this.#args, args, new Map());
  }

  /** @param value - the default, when there is one */
  declare(name: string, value: string | undefined): void {
    const preset = this.#globals.get(name);
    this.#args.set(name, this.#given.get(name) ?? value ?? preset);
  }

  get(name: string): string | undefined {
    return this.#args.get(name) ?? this.#visible.get(name);
  }
}
