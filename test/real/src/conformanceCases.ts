import { CONFIG_CASES } from './configCases';
import { type ConformanceCase, MIRROR } from './ConformanceCase';
import { FILE_CASES, STAGE_CASES } from './fileCases';

const VARIABLES: ConformanceCase[] = [
  {
    name: 'ARG before FROM',
    dockerfile: `ARG NAME=${MIRROR}\nARG v=1\nFROM $NAME\nARG v\nARG w=$v\nLABEL v=$v w=$w n="$NAME"`,
  },
  {
    name: 'ARG before FROM is out of scope',
    dockerfile: `ARG v=1\nFROM ${MIRROR}\nLABEL v="<$v>"`,
  },
  {
    name: 'ARG given',
    dockerfile: 'ARG a=default\nARG b\nLABEL a=$a b=$b c=$c',
    args: { a: 'given', b: 'too', c: 'undeclared' },
  },
  {
    name: 'ENV over ARG',
    dockerfile: 'ARG a=arg\nENV a=env\nLABEL a=$a',
    args: { a: 'given' },
  },
  {
    name: 'ARG with quotes',
    dockerfile: 'ARG a="two words"\nARG b=$a-more\nLABEL a=$a b="$b"',
  },
  {
    name: 'platform arguments',
    dockerfile:
      'ARG TARGETPLATFORM\nARG TARGETOS\nARG TARGETARCH\nLABEL p=$TARGETPLATFORM o=$TARGETOS a=$TARGETARCH',
  },
  {
    name: 'escape directive',
    dockerfile: `# escape=\`\nFROM ${MIRROR}\nENV p=c:\\dir \`\n    q=1\nLABEL a=\`$p`,
    differs: {
      why: 'the escape character holds in words too, as in BuildKit; buildah takes \\ there',
      facts: {
        'config.Env': [
          ['PATH=/usr/bin', 'p=c:dir', 'q=1'],
          ['PATH=/usr/bin', 'p=c:\\dir', 'q=1'],
        ],
        'config.Labels': [
          { upstream: 'yes', a: '`c:dir' },
          { upstream: 'yes', a: '$p' },
        ],
      },
    },
  },
  {
    name: 'variables in COPY',
    dockerfile: 'ARG f=a\nENV d=/to\nCOPY $f.txt ${d}/${f}',
  },
];

const HERE = 'buildah 1.28 knows no here-documents';

/** What buildah 1.28 cannot build. */
const BY_HAND: ConformanceCase[] = [
  {
    name: 'substitution without a colon',
    dockerfile: 'ENV e= s=set\nENV a=<${e-d}> b=${n-d} c=${e+r} f=<${n+r}>',
    expected: {
      why: 'buildah 1.28 knows :- and :+ only',
      facts: {
        'config.Env': [
          ...['PATH=/usr/bin', 'e=', 's=set', 'a=<>', 'b=d', 'c=r', 'f=<>'],
        ],
      },
    },
  },
  {
    name: 'here-document',
    dockerfile:
      'ARG v=1\nCOPY <<EOF /h/file\nv is $v, "quoted" and \\$v\n  # no comment\nEOF\nLABEL after=1',
    expected: {
      why: HERE,
      facts: {
        'config.Labels': { upstream: 'yes', after: '1' },
        '/h': 'directory 0755 0:0',
        '/h/file': `file 0644 0:0 ${JSON.stringify(
          'v is 1, "quoted" and $v\n  # no comment\n',
        )}`,
      },
    },
  },
  {
    name: 'here-documents with quotes, tabs and flags',
    dockerfile:
      'COPY --chmod=0700 --chown=app <<"one" <<-two a.txt /h/\n$v\none\n\ttabs\n\ttwo',
    expected: {
      why: HERE,
      facts: {
        '/h': 'directory 0755 100:101',
        '/h/a.txt': 'file 0700 100:101 "a\\n"',
        '/h/one': 'file 0700 100:101 "$v\\n"',
        '/h/two': 'file 0700 100:101 "tabs\\n"',
      },
    },
  },
  {
    name: 'ADD a here-document',
    dockerfile: 'ADD <<EOF /h\nx\nEOF',
    expected: { why: HERE, facts: { '/h': 'file 0644 0:0 "x\\n"' } },
  },
  {
    name: 'COPY --link',
    dockerfile: 'COPY --link a.txt /l/a\nCOPY --link --chown=7 b.txt /l/',
    expected: {
      why: 'buildah 1.28 knows no --link',
      facts: {
        '/l': 'directory 0755 0:0',
        '/l/a': 'file 0644 0:0 "a\\n"',
        '/l/b.txt': 'file 0644 7:7 "b\\n"',
      },
    },
  },
  {
    name: 'COPY --link replaces a link by a folder',
    dockerfile: 'COPY --link a.txt /bin/a\nCOPY --link b.txt /tmp/b',
    expected: {
      why: 'buildah 1.28 knows no --link',
      facts: {
        '/bin': 'directory 0755 0:0',
        '/bin/a': 'file 0644 0:0 "a\\n"',
        '/tmp/b': 'file 0644 0:0 "b\\n"',
      },
    },
  },
  {
    name: 'HEALTHCHECK --start-interval',
    dockerfile: 'HEALTHCHECK --start-interval=2s CMD x',
    expected: {
      why: 'buildah 1.28 does not know the flag',
      facts: {
        'config.Healthcheck': {
          Test: ['CMD-SHELL', 'x'],
          StartInterval: 2_000_000_000,
        },
      },
    },
  },
  {
    name: 'substitution by patterns',
    dockerfile:
      'ENV v=v1.2.3\nENV a=${v#v} b=${v%.*} c=${v%%.*} d=${v##*.} e=${v/./_} f=${v//./_}',
    expected: {
      why: 'buildah 1.28 knows :- and :+ only',
      facts: {
        'config.Env': [
          ...['PATH=/usr/bin', 'v=v1.2.3', 'a=1.2.3', 'b=v1.2', 'c=v1'],
          ...['d=3', 'e=v1_2.3', 'f=v1_2_3'],
        ],
      },
    },
  },
  {
    name: 'COPY --chmod by letters',
    dockerfile:
      'COPY --chmod=u=rwX,go=rX a.txt run.sh /m/\nCOPY --chmod=+x b.txt /m/',
    expected: {
      why: 'buildah 1.28 knows octal modes only',
      facts: {
        '/m': 'directory 0755 0:0',
        '/m/a.txt': 'file 0644 0:0 "a\\n"',
        '/m/b.txt': 'file 0755 0:0 "b\\n"',
        '/m/run.sh': 'file 0755 0:0 "#!/bin/sh\\n"',
      },
    },
  },
  {
    name: 'COPY --exclude',
    dockerfile: 'COPY --exclude=b.* --exclude=sub *.txt dir /e/',
    expected: {
      why: 'buildah 1.28 knows no --exclude',
      facts: {
        '/e': 'directory 0755 0:0',
        '/e/a': 'file 0644 0:0 "dir a\\n"',
        '/e/a.txt': 'file 0644 0:0 "a\\n"',
        '/e/e': 'file 0644 0:0 "dir e\\n"',
      },
    },
  },
  {
    name: 'COPY --parents',
    dockerfile: 'COPY --parents dir/sub/deep ./dir/./e **/z /p/',
    expected: {
      why: 'buildah 1.28 knows no --parents',
      facts: {
        '/p': 'directory 0755 0:0',
        '/p/dir': 'directory 0755 0:0',
        '/p/dir/sub': 'directory 0755 0:0',
        '/p/dir/sub/deep': 'file 0644 0:0 "deep\\n"',
        '/p/dir2': 'directory 0755 0:0',
        '/p/dir2/z': 'file 0644 0:0 "z\\n"',
        '/p/e': 'file 0644 0:0 "dir e\\n"',
      },
    },
  },
  {
    name: 'a pattern that matches nothing',
    dockerfile: 'COPY nothing* a.txt /n/',
    expected: {
      why: 'buildah 1.28 fails; BuildKit copies what there is',
      facts: {
        '/n': 'directory 0755 0:0',
        '/n/a.txt': 'file 0644 0:0 "a\\n"',
      },
    },
  },
];

/** Small Dockerfiles: each instruction, each odd form. */
export const CONFORMANCE_CASES: ConformanceCase[] = [
  ...CONFIG_CASES,
  ...VARIABLES,
  ...FILE_CASES,
  ...STAGE_CASES,
  ...BY_HAND,
];
