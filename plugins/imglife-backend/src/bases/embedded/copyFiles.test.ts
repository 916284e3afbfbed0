import { contentOf } from './contextTree';
import { copyFiles, type CopyInstruction } from './copyFiles';
import { ImageTree } from './ImageTree';
import { parseMode } from './parseMode';

const ROOT = { uid: 0, gid: 0 };

/** `a/b` a file, `a/` a folder of mode 0700, `a>b` a link. */
function treeOf(paths: string[]): ImageTree {
  const tree = ImageTree.create();
  for (const path of paths) {
    const [from, target] = path.split('>');
    const content = contentOf(Buffer.from(path));
    if (target) {
      tree.set(from, { type: 'symlink', target, ...ROOT });
    } else if (path.endsWith('/')) {
      tree.set(path, { type: 'directory', mode: 0o700, ...ROOT });
    } else {
      tree.set(path, { type: 'file', mode: 0o640, content, ...ROOT });
    }
  }
  return tree;
}

const CONTEXT = [
  'readme.md',
  'x/a.txt',
  'x/a.md',
  'x/y/',
  'x/y/a.txt',
  'x/y/z/b.txt',
  'x/y/z/b.md',
  'x/.hidden',
  'x/link>y/a.txt',
  'x/down>y',
];

type Change = Partial<CopyInstruction> & { into?: string[] };

/** Sources, destination, flags, and what is in the layer. */
const COPIES: Array<[string[], string, Change, string[]]> = [
  [['x/y'], '/d', {}, ['d/ 700', 'd/a.txt', 'd/z/', 'd/z/b.md', 'd/z/b.txt']],
  // --exclude: relative to a folder, by name for a file
  [['x/y'], '/d', { exclude: ['z'] }, ['d/ 700', 'd/a.txt']],
  [
    ['x/y'],
    '/d/',
    { exclude: ['*.txt', '*/*.txt'] },
    ['d/', 'd/z/', 'd/z/b.md'],
  ],
  [['x/y'], '/d', { exclude: ['**/*.txt'] }, ['d/ 700', 'd/z/', 'd/z/b.md']],
  [
    ['x/y'],
    '/d',
    { exclude: ['*', '!z/b.md'] },
    ['d/ 700', 'd/z/', 'd/z/b.md'],
  ],
  [
    ['x/*.*', 'readme.md'],
    '/d/',
    { exclude: ['*.md'] },
    ['d/', 'd/.hidden', 'd/a.txt'],
  ],
  [['readme.md'], '/d', { exclude: ['*.md'] }, []],
  // --parents
  [
    ['x/y/a.txt', 'readme.md'],
    '/d',
    { parents: true },
    ['d/', 'd/readme.md', 'd/x/', 'd/x/y/ 700', 'd/x/y/a.txt'],
  ],
  [['./x/y/a.txt'], '/', { parents: true }, ['x/', 'x/y/ 700', 'x/y/a.txt']],
  [
    ['x/./y/z'],
    '/d/',
    { parents: true },
    ['d/', 'd/y/ 700', 'd/y/z/', 'd/y/z/b.md', 'd/y/z/b.txt'],
  ],
  [
    ['/x/./y/./z/b.md'],
    '/d/',
    { parents: true },
    ['d/', 'd/y/ 700', 'd/y/z/', 'd/y/z/b.md'],
  ],
  [
    ['x/y/z/.'],
    '/d/',
    { parents: true },
    ['d/', 'd/x/', 'd/x/y/ 700', 'd/x/y/z/', 'd/x/y/z/b.md', 'd/x/y/z/b.txt'],
  ],
  [
    ['x/./*/a.txt'],
    '/d/',
    { parents: true },
    ['d/', 'd/down/ 700', 'd/down/a.txt', 'd/y/ 700', 'd/y/a.txt'],
  ],
  [
    ['**/b.*'],
    '/d/',
    { parents: true, exclude: ['*.md'] },
    ['d/', 'd/x/', 'd/x/y/ 700', 'd/x/y/z/', 'd/x/y/z/b.txt'],
  ],
  [
    ['x/**/*.txt'],
    '/',
    { parents: true },
    ['x/', 'x/a.txt', 'x/y/ 700', 'x/y/a.txt', 'x/y/z/', 'x/y/z/b.txt'],
  ],
  [
    ['x/y/a.txt'],
    '/',
    { parents: true, into: ['x/'] },
    ['x/y/ 700', 'x/y/a.txt'],
  ],
  [['x/down/./**/b.txt'], '/', { parents: true }, ['z/', 'z/b.txt']],
  // without it, ** is a *
  [['x/**/a.txt'], '/d/', {}, ['d/', 'd/a.txt']],
  // --chmod by letters
  [
    ['x/y'],
    '/d',
    { mode: parseMode('go=rX') },
    ['d/ 700', 'd/a.txt 644', 'd/z/ 755', 'd/z/b.md 644', 'd/z/b.txt 644'],
  ],
  [
    ['x/y/./z'],
    '/',
    { parents: true, mode: parseMode('u+x') },
    ['z/', 'z/b.md 740', 'z/b.txt 740'],
  ],
];

describe('copyFiles', () => {
  it.each(COPIES)(
    '%j to %s with %j',
    async (words, destination, change, expected) => {
      const { into = [], ...flags } = change;
      const from = treeOf(CONTEXT);
      const copy = {
        destination,
        link: false,
        parents: false,
        exclude: [],
        ...flags,
      };
      const sources = [{ words, from, where: 'the context' }];
      const found = await copyFiles(
        copy,
        sources,
        treeOf(into),
        async () => undefined,
      );
      const shown = found.map(entry => {
        const mode = 'mode' in entry ? entry.mode.toString(8) : '';
        const path = entry.type === 'directory' ? `${entry.path}/` : entry.path;
        return { path, mode };
      });
      const listed = shown
        .sort((a, b) => (a.path < b.path ? -1 : 1))
        .map(({ path, mode }) => [path, mode]);
      const usual = (path: string) => (path.endsWith('/') ? '755' : '640');
      expect(listed).toEqual(
        expected.map(line => {
          const [path, mode = usual(path)] = line.split(' ');
          return [path, mode];
        }),
      );
    },
  );
});
