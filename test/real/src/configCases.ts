import type { ConformanceCase } from './ConformanceCase';

const VOLUME =
  'VOLUME changes the config only, as in BuildKit; buildah makes the folders';
const MADE: [unknown, unknown] = ['directory 0755 0:0', undefined];

/** Instructions that change the config. */
export const CONFIG_CASES: ConformanceCase[] = [
  { name: 'FROM alone', dockerfile: '' },
  { name: 'ENV pairs', dockerfile: 'ENV a=1 b="two words" c=three\\ words' },
  { name: 'ENV old form', dockerfile: 'ENV a some "quoted" value  ' },
  {
    name: 'ENV uses the values before it',
    dockerfile: 'ENV a=old\nENV a=new b=$a c=${a}x\nENV d=$a',
  },
  {
    name: 'ENV in place',
    dockerfile: 'ENV z=1\nENV PATH=/bin:$PATH y=2',
    differs: {
      why: 'a variable set again keeps its place, as in BuildKit; buildah moves it to the end',
      facts: {
        'config.Env': [
          ['z=1', 'PATH=/bin:/usr/bin', 'y=2'],
          ['PATH=/bin:/usr/bin', 'z=1', 'y=2'],
        ],
      },
    },
  },
  {
    name: 'substitution with defaults',
    dockerfile: 'ENV s=set e=\nENV a=${s:-d} b=${n:-d} c=${e:-d}',
  },
  {
    name: 'substitution with replacements',
    dockerfile:
      'ENV s=set e=\nENV a=${s:+r} b=${n:+r}x c=${e:+r}x f=${s:+${s}-$s}',
  },
  {
    name: 'escapes and quotes',
    dockerfile: `ENV s=set\nENV a=\\$s b='$s' c="\\$s" d="a\\"b" e=x'y'"z"`,
  },
  { name: 'LABEL pairs', dockerfile: 'LABEL a=1 "b c"="d e" f.g-h="i\\"j"' },
  {
    name: 'LABEL over several lines',
    dockerfile: 'LABEL a=1 \\\n  # a comment\n\n  b=2 \\\n  c=3',
  },
  { name: 'LABEL over the mirror', dockerfile: 'LABEL upstream=ours' },
  {
    name: 'comments and blank lines',
    dockerfile: '# first\n\n  # second\nLABEL a="# none"\n#LABEL b=2',
  },
  {
    name: 'small letters and indents',
    dockerfile: '  env a=1\n\tlabel b=2\nUsEr 7',
  },
  { name: 'CMD JSON form', dockerfile: 'CMD ["a", "b $c", "d\\\\e"]' },
  { name: 'CMD shell form', dockerfile: 'CMD echo "$PATH" && ls \\\n  -l' },
  { name: 'CMD that only looks like JSON', dockerfile: "CMD ['a', 'b']" },
  {
    name: 'CMD over CMD',
    dockerfile: 'CMD a\nCMD ["b"]',
  },
  {
    name: 'ENTRYPOINT takes the command of the mirror away',
    dockerfile: 'ENTRYPOINT ["/bin/busybox"]',
  },
  {
    name: 'ENTRYPOINT and CMD',
    dockerfile: 'CMD ["-l"]\nENTRYPOINT /bin/busybox ls',
  },
  {
    name: 'SHELL before a shell form',
    dockerfile:
      'SHELL ["/bin/busybox", "ash", "-c"]\nCMD echo hi\nENTRYPOINT x',
    differs: {
      why: 'SHELL holds for CMD and ENTRYPOINT, as in BuildKit; in buildah for RUN only',
      facts: {
        'config.Cmd': [
          ['/bin/sh', '-c', 'echo hi'],
          ['/bin/busybox', 'ash', '-c', 'echo hi'],
        ],
        'config.Entrypoint': [
          ['/bin/sh', '-c', 'x'],
          ['/bin/busybox', 'ash', '-c', 'x'],
        ],
      },
    },
  },
  { name: 'USER name', dockerfile: 'USER app:web' },
  { name: 'USER variable', dockerfile: 'ARG u=12\nUSER ${u}:34' },
  { name: 'EXPOSE', dockerfile: 'EXPOSE 80 443/tcp 53/udp\nEXPOSE 8080' },
  {
    name: 'EXPOSE a range',
    dockerfile: 'EXPOSE 7000-7002/udp',
    differs: {
      why: 'a range is every port of it, as in BuildKit; buildah keeps it as text',
      facts: {
        'config.ExposedPorts': [
          { '7000-7002/udp': {} },
          { '7000/udp': {}, '7001/udp': {}, '7002/udp': {} },
        ],
      },
    },
  },
  { name: 'EXPOSE variables', dockerfile: 'ARG p=81\nEXPOSE $p ${p}0/udp' },
  {
    name: 'VOLUME JSON form',
    dockerfile: 'VOLUME ["/a", "/b c"]',
    differs: { why: VOLUME, facts: { '/a': MADE, '/b c': MADE } },
  },
  {
    name: 'VOLUME words',
    dockerfile: 'ENV d=/d\nVOLUME /a $d/b',
    differs: { why: VOLUME, facts: { '/a': MADE, '/d': MADE, '/d/b': MADE } },
  },
  { name: 'STOPSIGNAL', dockerfile: 'STOPSIGNAL SIGQUIT' },
  { name: 'STOPSIGNAL number', dockerfile: 'ARG s=9\nSTOPSIGNAL $s' },
  {
    name: 'HEALTHCHECK',
    dockerfile:
      'HEALTHCHECK --interval=1m30s --timeout=2s --start-period=5s --retries=4 CMD ["/bin/check", "x"]',
  },
  {
    name: 'HEALTHCHECK shell form',
    dockerfile: 'HEALTHCHECK --interval=10s CMD /bin/check || exit 1',
  },
  { name: 'HEALTHCHECK NONE', dockerfile: 'HEALTHCHECK NONE' },
  {
    name: 'ONBUILD',
    dockerfile: 'ONBUILD ENV a=$b\nONBUILD COPY . /src\nONBUILD RUN make',
  },
  { name: 'MAINTAINER', dockerfile: 'MAINTAINER Platform <team@example.com>' },
];
