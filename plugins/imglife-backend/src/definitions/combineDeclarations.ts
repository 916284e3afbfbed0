import { InputError } from '@backstage/errors';
import { type Document, LineCounter, parseDocument } from 'yaml';

/** A definition file as it was read from its URL. */
export interface DefinitionFile {
  url: string;
  /** YAML or JSON */
  content: string;
}

/** The `imglife` block with what files add, and where each part comes from. */
export interface CombinedDeclarations {
  value: unknown;
  /** `url: path` by the config path that the part has in `value` */
  origins: ReadonlyMap<string, string>;
}

/** The blocks that may be kept in a file; all others stay in app-config. */
export const FILE_BLOCKS = ['mirrors', 'bases', 'policy', 'retention'] as const;

// lists that several places may add to; every other key has one place
const JOINED = new Set([
  'mirrors.entries',
  'bases.entries',
  'policy.exemptions',
]);

type Block = Record<string, unknown>;

function isBlock(value: unknown): value is Block {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Lays definition files over the `imglife` block of app-config: entries and
 * exemptions are joined, and any other key may be given in one place only.
 *
 * @param value - the block of app-config, of any shape
 * @param resolveUrl - makes a relative context of a file an absolute URL
 * @throws InputError - a file cannot be read as such, or a key has two places;
 *   the message names the file's URL and the line or key
 */
export function combineDeclarations(
  value: unknown,
  files: DefinitionFile[],
  resolveUrl: (options: { url: string; base: string }) => string,
): CombinedDeclarations {
  const combined: Block = isBlock(value) ? { ...value } : {};
  const origins = new Map<string, string>();
  for (const { url, content } of files) {
    for (const [name, block] of Object.entries(parseFile(url, content))) {
      const target = combined[name];
      combined[name] = isBlock(target) ? { ...target } : {};
      for (const [key, member] of Object.entries(block)) {
        const added = { url, name, key, member: withUrls(member, url) };
        addMember(combined[name] as Block, added, origins);
      }
    }
  }
  return { value: files.length ? combined : value, origins };

  function withUrls(member: unknown, base: string): unknown {
    return Array.isArray(member)
      ? member.map(entry =>
          isBlock(entry) && typeof entry.context === 'string'
            ? { ...entry, context: resolveUrl({ url: entry.context, base }) }
            : entry,
        )
      : member;
  }
}

function parseFile(url: string, content: string): Record<string, Block> {
  const lines = new LineCounter();
  const document = parseDocument(content, { lineCounter: lines });
  const [error] = document.errors;
  if (error) {
    const { line } = lines.linePos(error.pos[0]);
    // only the first line of the message: the others quote the content
    const [message] = error.message.split(/ at line |\n/, 1);
    throw new InputError(`${url}: line ${line}: ${message}`);
  }
  const root = resolveAliases(url, document);
  const known = FILE_BLOCKS.join(', ');
  if (!isBlock(root)) {
    throw new InputError(`${url}: must be a block with the keys ${known}`);
  }
  for (const [key, block] of Object.entries(root)) {
    if (!(FILE_BLOCKS as readonly string[]).includes(key)) {
      throw new InputError(
        `${url}: ${key}: unknown key; a definition file may hold ${known}`,
      );
    }
    if (!isBlock(block)) {
      throw new InputError(`${url}: ${key}: must be a block`);
    }
  }
  return root as Record<string, Block>;
}

function resolveAliases(url: string, document: Document): unknown {
  try {
    // bounded: aliases of aliases of aliases would fill the memory
    return document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (error) {
    throw new InputError(`${url}: ${(error as Error).message}`);
  }
}

function addMember(
  target: Block,
  added: { url: string; name: string; key: string; member: unknown },
  origins: Map<string, string>,
): void {
  const { url, name, key, member } = added;
  const path = `${name}.${key}`;
  const present = target[key] ?? [];
  if (JOINED.has(path) && Array.isArray(member) && Array.isArray(present)) {
    member.forEach((_, index) =>
      origins.set(
        `imglife.${path}[${present.length + index}]`,
        `${url}: ${path}[${index}]`,
      ),
    );
    target[key] = [...present, ...member];
    return;
  }
  if (target[key] !== undefined) {
    const other = origins.get(`imglife.${path}`) ?? `imglife.${path}`;
    throw new InputError(
      `${url}: ${path}: is given by ${other} too; keep it in one place`,
    );
  }
  origins.set(`imglife.${path}`, `${url}: ${path}`);
  target[key] = member;
}

/**
 * Replaces config paths in a text by the place they come from, such as
 * `imglife.mirrors.entries[3].source` by
 * `https://…/imglife.yaml: mirrors.entries[0].source`.
 */
export function locate(
  text: string,
  origins: ReadonlyMap<string, string>,
): string {
  return text.replace(
    /imglife\.(?:mirrors|bases|policy|retention)\.\w+(?:\[\d+\])?/g,
    path => origins.get(path) ?? path,
  );
}
