/** Something a registry wants people to know. */
export interface RegistryWarning {
  host: string;
  text: string;
}

const WARNING = /(?:^|,)\s*299\s+[^\s"]+\s+"((?:[^"\\]|\\.)*)"/g;
const MAX_LENGTH = 500;
const MAX_KNOWN = 1000;

/**
 * The texts of `Warning: 299 - "…"` headers (OCI distribution-spec,
 * "Warnings"), without line breaks and control characters, at most 500 long.
 */
export function parseWarnings(header: string | string[] | undefined): string[] {
  return [header ?? []].flat().flatMap(text =>
    [...text.matchAll(WARNING)].map(([, quoted]) =>
      quoted
        .replace(/\\(.)/g, '$1')
        .replace(/[\p{Cc}\s]+/gu, ' ')
        .trim()
        .slice(0, MAX_LENGTH),
    ),
  );
}

/** Passes each text of a host on once. */
export class Warnings {
  static create(
    host: string,
    onWarning: ((warning: RegistryWarning) => void) | undefined,
  ): Warnings {
    return new Warnings(host, onWarning);
  }

  readonly #host: string;
  readonly #onWarning: ((warning: RegistryWarning) => void) | undefined;
  readonly #known = new Set<string>();

  private constructor(
    host: string,
    onWarning: ((warning: RegistryWarning) => void) | undefined,
  ) {
    this.#host = host;
    this.#onWarning = onWarning;
  }

  /** Takes the `Warning` headers of an answer. */
  observe(header: string | string[] | undefined): void {
    if (header === undefined || !this.#onWarning) {
      return;
    }
    for (const text of parseWarnings(header)) {
      if (text && !this.#known.has(text) && this.#known.size < MAX_KNOWN) {
        this.#known.add(text);
        this.#onWarning({ host: this.#host, text });
      }
    }
  }
}
