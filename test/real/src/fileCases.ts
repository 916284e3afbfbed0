import { type ConformanceCase, MIRROR } from './ConformanceCase';

/** Instructions that change files. */
export const FILE_CASES: ConformanceCase[] = [
  { name: 'COPY a file', dockerfile: 'COPY a.txt /copied' },
  {
    name: 'COPY a folder, its contents',
    dockerfile: 'COPY dir/. ./links/ /c/',
  },
  { name: 'COPY into a folder', dockerfile: 'COPY a.txt b.txt /new/' },
  { name: 'COPY into a folder that is there', dockerfile: 'COPY a.txt /etc' },
  { name: 'COPY over a file', dockerfile: 'COPY a.txt /etc/motd' },
  { name: 'COPY deep', dockerfile: 'COPY a.txt /x/y/z/a' },
  { name: 'COPY JSON form', dockerfile: 'COPY ["a.txt", "with space", "/j/"]' },
  { name: 'COPY a folder', dockerfile: 'COPY dir /d' },
  { name: 'COPY a folder into one', dockerfile: 'COPY dir /etc/' },
  { name: 'COPY the context', dockerfile: 'COPY . /all/' },
  { name: 'COPY wildcards', dockerfile: 'COPY *.t?t dir/[a-d]* /w/' },
  { name: 'COPY a wildcard over folders', dockerfile: 'COPY dir* /w/' },
  { name: 'COPY a link', dockerfile: 'COPY link /followed' },
  { name: 'COPY a folder with links', dockerfile: 'COPY links /links' },
  { name: 'COPY through a link', dockerfile: 'COPY a.txt /bin/a' },
  {
    name: 'COPY a folder over a link and a folder with a mode of its own',
    dockerfile: 'COPY rootfs /',
    differs: {
      why: 'links and modes of folders the mirror has are kept; buildah replaces both, and BuildKit fails at the link',
      facts: {
        '/bin': ['directory 0755 0:0', 'link 0:0 usr/bin'],
        '/bin/tool': ['file 0644 0:0 "tool\\n"', undefined],
        '/usr/bin/tool': [undefined, 'file 0644 0:0 "tool\\n"'],
        '/tmp': ['directory 0755 0:0', 'directory 1777 0:0'],
      },
    },
  },
  {
    name: 'COPY over a link',
    dockerfile: 'COPY a.txt /etc/alias',
    differs: {
      why: 'a link as destination is followed, as in BuildKit; buildah replaces it',
      facts: {
        '/etc/alias': ['file 0644 0:0 "a\\n"', 'link 0:0 motd'],
        '/etc/motd': ['file 0640 100:33 "hello\\n"', 'file 0644 0:0 "a\\n"'],
      },
    },
  },
  { name: 'COPY executables', dockerfile: 'COPY run.sh /bin/' },
  {
    name: 'COPY into the working folder',
    dockerfile: 'WORKDIR /work\nCOPY a.txt .\nCOPY dir sub/\nCOPY b.txt ./c',
  },
  { name: 'COPY --chown numbers', dockerfile: 'COPY --chown=7:8 dir /o/p' },
  { name: 'COPY --chown a number', dockerfile: 'COPY --chown=100 a.txt /o' },
  { name: 'COPY --chown names', dockerfile: 'COPY --chown=app:web a.txt /o/' },
  { name: 'COPY --chown a name', dockerfile: 'COPY --chown=app a.txt /o' },
  {
    name: 'COPY --chown a name that was copied',
    dockerfile: 'COPY accounts /etc/\nCOPY --chown=late:later a.txt /o',
  },
  { name: 'COPY --chmod', dockerfile: 'COPY --chmod=0640 a.txt run.sh /m/' },
  { name: 'COPY --chmod of a folder', dockerfile: 'COPY --chmod=750 dir /m' },
  {
    name: 'COPY is root’s, whoever USER is',
    dockerfile: 'USER app\nCOPY a.txt /u/a',
  },
  { name: 'WORKDIR', dockerfile: 'WORKDIR /a/b\nWORKDIR c\nWORKDIR ../d' },
  { name: 'WORKDIR variables', dockerfile: 'ENV w=/v\nWORKDIR $w/x' },
  { name: 'WORKDIR that is there', dockerfile: 'WORKDIR /tmp' },
  { name: 'WORKDIR of a user', dockerfile: 'USER app\nWORKDIR /home/app' },
  { name: 'ADD a file', dockerfile: 'ADD a.txt /added/' },
  { name: 'ADD a tar', dockerfile: 'ADD files.tar /t/' },
  { name: 'ADD a compressed tar', dockerfile: 'ADD files.tar.gz /t' },
  { name: 'ADD a tar by xz', dockerfile: 'ADD files.tar.xz /t/' },
  { name: 'ADD a tar by zstd', dockerfile: 'ADD files.tar.zst /t/' },
  { name: 'ADD a tar over files', dockerfile: 'ADD over.tar /etc' },
  { name: 'ADD --chown a tar', dockerfile: 'ADD --chown=7:8 files.tar /t/' },
  { name: 'ADD what is no archive', dockerfile: 'ADD plain.gz a.txt /t/' },
  { name: 'ADD --chown', dockerfile: 'ADD --chown=7:8 a.txt /t/a' },
];

/** Several stages and images. */
export const STAGE_CASES: ConformanceCase[] = [
  {
    name: 'COPY --from a stage',
    dockerfile: `FROM ${MIRROR} AS made\nWORKDIR /w\nCOPY dir .\nLABEL gone=1\nFROM ${MIRROR}\nCOPY --from=made /w /etc/motd /got/`,
  },
  {
    name: 'COPY --from a number',
    dockerfile: `FROM scratch\nCOPY a.txt /one/a\nFROM ${MIRROR}\nCOPY --from=0 /one /two`,
  },
  {
    name: 'COPY --from keeps owners and modes',
    dockerfile: `FROM ${MIRROR} AS made\nCOPY --chown=7:8 --chmod=0700 a.txt /x/\nFROM ${MIRROR}\nCOPY --from=made /x/a.txt /y`,
  },
  {
    name: 'COPY --from another image',
    dockerfile: `FROM ${MIRROR}\nCOPY --from=${MIRROR} /etc/motd /bin/busybox /got/`,
  },
  {
    name: 'FROM a stage',
    dockerfile: `FROM ${MIRROR} AS one\nENV a=1\nCOPY a.txt /one\nFROM one AS two\nENV b=$a\nCOPY b.txt /two\nFROM two\nLABEL c=$b`,
  },
];
