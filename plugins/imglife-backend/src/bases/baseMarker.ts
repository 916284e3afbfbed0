import type { ContextFile } from '@imglife/backstage-plugin-imglife-node';

/** Folder of the one file every base ends with. */
export const MARKER_FOLDER = '/usr/share/imglife';

// Within the context, where nobody has a file of that name.
const CONTEXT_PATH = '.imglife/base.json';

/** What the file names. */
export interface BaseMarker {
  /** of the base */
  name: string;
  tag: string;
  inputHash: string;
}

/**
 * Ends a Dockerfile with the layer that makes a base's chain of layers its
 * own: without it a base that only sets labels has the very chain of its
 * mirror.
 */
export function withMarker(
  build: { dockerfile: string; files: ReadonlyArray<ContextFile> },
  marker: BaseMarker,
): { dockerfile: string; files: ContextFile[] } {
  const { name, tag, inputHash } = marker;
  const content = Buffer.from(`${JSON.stringify({ name, tag, inputHash })}\n`);
  const folder: ContextFile = {
    type: 'directory',
    path: CONTEXT_PATH.split('/')[0],
    mode: 0o755,
  };
  const file: ContextFile = {
    type: 'file',
    path: CONTEXT_PATH,
    mode: 0o644,
    size: content.length,
    read: async () => content,
  };
  const others = build.files.filter(
    ({ path }) => path !== folder.path && path !== file.path,
  );
  return {
    dockerfile: `${build.dockerfile.trimEnd()}\nCOPY ${CONTEXT_PATH} ${MARKER_FOLDER}/base.json\n`,
    files: [...others, folder, file],
  };
}
