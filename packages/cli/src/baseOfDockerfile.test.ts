import { baseOfDockerfile, DockerfileOptions } from './baseOfDockerfile';

type Options = Partial<DockerfileOptions>;

const stages = `ARG REGISTRY=registry.example.com
ARG VERSION="3.21.3"
FROM --platform=$BUILDPLATFORM golang:1.24 AS build
ARG REGISTRY=another.example.com
RUN go build
FROM \${REGISTRY}/bases/alpine:$VERSION AS Common
FROM common AS test
FROM build
FROM common
COPY --from=build /app /app
`;

it.each<[string, string, Options, string]>([
  ['one stage', 'FROM alpine:3.21', {}, 'alpine:3.21'],
  ['the last of them', 'FROM a\nFROM b:1\n', {}, 'b:1'],
  ['in any case, commented', '# FROM x\nfrom alpine As y', {}, 'alpine'],
  ['a digest', 'FROM a:1@sha256:00', {}, 'a:1@sha256:00'],
  ['scratch', 'FROM golang AS b\nFROM scratch\n', {}, 'scratch'],
  ['a stage of before', stages, {}, 'registry.example.com/bases/alpine:3.21.3'],
  ['a target', stages, { target: 'build' }, 'golang:1.24'],
  [
    'a target in another case, through a stage',
    stages,
    { target: 'TEST' },
    'registry.example.com/bases/alpine:3.21.3',
  ],
  ['the number of a target', stages, { target: '0' }, 'golang:1.24'],
  [
    'a build argument, not that of a stage',
    stages,
    { buildArgs: { REGISTRY: 'other.example.com', VERSION: '3.22.0' } },
    'other.example.com/bases/alpine:3.22.0',
  ],
  [
    'a build argument without a default',
    'ARG BASE\nFROM $BASE',
    { buildArgs: { BASE: 'alpine:3.21' } },
    'alpine:3.21',
  ],
  [
    'a build argument nobody declared',
    'ARG A=1\nFROM alpine:$A',
    { buildArgs: { B: '2' } },
    'alpine:1',
  ],
  ['several on one line', 'ARG N=alpine V=3.21\nFROM $N:$V', {}, 'alpine:3.21'],
  ['of another', 'ARG V=3\nARG T=${V}.21\nFROM a:$T', {}, 'a:3.21'],
  ['a default of nothing set', 'ARG T=1${NO}\nFROM a:$T', {}, 'a:1'],
  ['its own default', 'ARG V\nFROM a:${V:-3.21}', {}, 'a:3.21'],
  ['no default when it is set', 'ARG V=4\nFROM a:${V:-3.21}', {}, 'a:4'],
  ['empty counts as unset with :-', 'ARG V=\nFROM a:${V:-1}', {}, 'a:1'],
  ['empty counts as set with -', 'ARG V=\nFROM a:1${V-2}', {}, 'a:1'],
  ['more when it is set', 'ARG V=4\nFROM a:1${V:+-slim}', {}, 'a:1-slim'],
  ['no more when it is not', 'ARG V\nFROM a:1${V+-slim}', {}, 'a:1'],
  ['a part of it', 'ARG V=v3.21.3\nARG T=${V#v}\nFROM a:${T%.*}', {}, 'a:3.21'],
  ['a line that goes on', 'FROM \\\n  alpine:3 \\\n  AS x', {}, 'alpine:3'],
  ['a stage named like its image', 'FROM a AS a\nFROM a', {}, 'a'],
])('finds %s', (_title, text, options, expected) => {
  expect(baseOfDockerfile(text, { buildArgs: {}, ...options }).image).toBe(
    expected,
  );
});

it.each<[string, string, Options, string]>([
  ['no FROM', 'RUN true', {}, 'the Dockerfile has no FROM'],
  ['FROM nothing', 'ARG A\nFROM ', {}, 'line 2: FROM names no image'],
  [
    'an ARG without a value',
    'ARG TAG\nFROM alpine:$TAG',
    {},
    'line 2: ARG TAG has no value: give it with --build-arg TAG=…',
  ],
  ['an ARG too late', 'FROM a\nARG B=c\nFROM $B', {}, 'ARG B has no value'],
  ['no such stage', stages, { target: 'nope' }, 'has no stage "nope"'],
  ['no such number', stages, { target: '9' }, 'has no stage "9"'],
  [
    'what is not known',
    'ARG A=b\nFROM ${A^x}',
    {},
    'name the base with --base',
  ],
])('refuses %s', (_title, text, options, message) => {
  expect(() => baseOfDockerfile(text, { buildArgs: {}, ...options })).toThrow(
    message,
  );
});

it('says in which line the base is named', () => {
  const found = baseOfDockerfile(stages, { buildArgs: {} });
  expect(found.line).toBe(6);
});
