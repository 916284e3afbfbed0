import { createHash } from 'node:crypto';
import type {
  ContextFile,
  LayerCompression,
} from '@imglife/backstage-plugin-imglife-node';

/** A hash (or the value itself, where it is short) per kind of input. */
export interface InputHashes {
  /** digest of the mirror */
  mirror: string;
  coreVersion: string;
  /** of the template as written, not as rendered */
  template: string;
  context: string;
  arguments: string;
  platforms: string;
  /** undefined: gzip */
  compression?: Exclude<LayerCompression, 'gzip'>;
}

/** All that goes into a base. */
export interface BuildInputs {
  /** name of the base */
  name: string;
  tag: string;
  mirrorDigest: string;
  coreVersion: string;
  /** as written */
  template: string;
  /** as rendered */
  dockerfile: string;
  /** {@link hashContext} */
  contextHash: string;
  args: Readonly<Record<string, string>>;
  platforms: ReadonlyArray<string>;
  /** undefined: gzip */
  compression?: Exclude<LayerCompression, 'gzip'>;
}

/** Larger files are hashed as they are read. */
const MAX_READ_BYTES = 64 * 1024;
/** Raised when the same inputs are to give another image. */
const LAYOUT = 1;

function hashOf(value: string | Uint8Array): string {
  return createHash('sha256').update(value).digest('hex');
}

function canonicalArgs(args: Readonly<Record<string, string>>): string {
  return JSON.stringify(
    Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

async function hashFile(
  file: Extract<ContextFile, { type: 'file' }>,
): Promise<string> {
  // a stream takes longer to make than a small file to read
  if (!file.open || file.size <= MAX_READ_BYTES) {
    return hashOf(await file.read());
  }
  const hash = createHash('sha256');
  for await (const chunk of file.open()) {
    hash.update(chunk);
  }
  return hash.digest('hex');
}

/**
 * Hash over the paths, modes and contents of a context.
 *
 * @param files - as {@link readContext} lists them
 */
export async function hashContext(
  files: ReadonlyArray<ContextFile>,
): Promise<string> {
  const lines: string[] = [];
  for (const file of files) {
    const content =
      file.type === 'file'
        ? [file.mode, await hashFile(file)]
        : [file.type === 'symlink' ? file.target : file.mode];
    lines.push(JSON.stringify([file.type, file.path, ...content]));
  }
  return hashOf(lines.sort().join('\n'));
}

/**
 * What a base is made of, by kind and as one hash: the same hash means the
 * same image.
 */
export function hashInputs(inputs: BuildInputs): {
  inputHash: string;
  inputs: InputHashes;
} {
  const hashes: InputHashes = {
    mirror: inputs.mirrorDigest,
    coreVersion: inputs.coreVersion,
    template: hashOf(inputs.template),
    context: inputs.contextHash,
    arguments: hashOf(canonicalArgs(inputs.args)),
    platforms: [...inputs.platforms].sort().join(','),
    ...(inputs.compression && { compression: inputs.compression }),
  };
  const { mirror, coreVersion, context, platforms, compression } = hashes;
  const inputHash = hashOf(
    JSON.stringify([
      LAYOUT,
      inputs.name,
      inputs.tag,
      mirror,
      coreVersion,
      inputs.dockerfile,
      context,
      hashes.arguments,
      platforms,
      // left out for gzip: bases from before there was a choice keep their hash
      ...(compression ? [compression] : []),
    ]),
  );
  return { inputHash, inputs: hashes };
}
