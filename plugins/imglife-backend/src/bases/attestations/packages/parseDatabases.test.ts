import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InstalledPackage } from './InstalledPackage';
import { isSpdxLicence } from './isSpdxLicence';
import { packagePurl } from './packagePurl';
import { parseApkDatabase } from './parseApkDatabase';
import { parseDpkgStatus } from './parseDpkgStatus';
import { parseOsRelease } from './parseOsRelease';

const APK = `C:Q1kNFYVSGnRrIuPdGeIIxz3jVZlBI=
P:musl
V:1.2.5-r9
A:x86_64
S:411043
I:667648
T:the musl c library (libc) implementation
U:https://musl.libc.org/
L:MIT
o:musl
m:Natanael Copa <ncopa@alpinelinux.org>
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755
Z:Q1ASWi+cC/jI+OaSDOEyAHlcIzLRQ=

C:Q1yN2g==
P:libstdc++
V:14.2.0-r4
A:aarch64
L:GPL-2.0-or-later AND LGPL-2.1-or-later
o:gcc

P:.build-deps
V:20260101.000000
A:noarch

P:without a version
`;

const DEBIAN = { id: 'debian', version: '12' };

function debian(name: string): string {
  return readFileSync(join(__dirname, '__fixtures__', name), 'utf8');
}

describe('databases of packages', () => {
  it('reads what apk has installed', () => {
    const musl = { type: 'apk', name: 'musl', version: '1.2.5-r9' };
    expect(parseApkDatabase(APK)).toEqual([
      { ...musl, architecture: 'x86_64', licence: 'MIT' },
      {
        type: 'apk',
        name: 'libstdc++',
        version: '14.2.0-r4',
        architecture: 'aarch64',
        licence: 'GPL-2.0-or-later AND LGPL-2.1-or-later',
        source: { name: 'gcc' },
      },
      {
        type: 'apk',
        name: '.build-deps',
        version: '20260101.000000',
        architecture: 'noarch',
      },
    ]);
    expect(parseApkDatabase(APK.replaceAll('\n', '\r\n'))).toHaveLength(3);
  });

  it('reads what dpkg has installed, and not what it has removed', () => {
    const found = parseDpkgStatus(debian('debian12.status'));
    expect(found.map(each => packagePurl(each, DEBIAN))).toEqual([
      'pkg:deb/debian/libgcc-s1@12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12&upstream=gcc-12',
      'pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bb1?arch=amd64&distro=debian-12&upstream=gcc-12%4012.2.0-14',
      'pkg:deb/debian/postgresql-common@1:248%2Bdeb12u1?arch=all&distro=debian-12',
      'pkg:deb/debian/tzdata@2025b-0%2Bdeb12u2?arch=all&distro=debian-12',
    ]);
  });

  it('reads a stanza without a state, as distroless images have it', () => {
    expect(parseDpkgStatus('package: base-files\nversion:12.4\n')).toEqual([
      { type: 'deb', name: 'base-files', version: '12.4' },
    ]);
  });

  it.each<[string, ReturnType<typeof parseOsRelease>]>([
    [
      'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.21.3\nPRETTY_NAME="Alpine Linux v3.21"\n',
      { id: 'alpine', version: '3.21.3', name: 'Alpine Linux v3.21' },
    ],
    [
      '# a comment\r\nID=\'wolfi\'\r\nPRETTY_NAME="a \\"b\\" \\$c"',
      { id: 'wolfi', name: 'a "b" $c' },
    ],
    ['VERSION_ID=1', undefined],
    ['', undefined],
  ])('reads os-release %j', (text, expected) => {
    expect(parseOsRelease(text)).toEqual(expected);
  });

  it.each<[InstalledPackage, Parameters<typeof packagePurl>[1], string]>([
    [
      { type: 'apk', name: 'musl', version: '1-r0', architecture: 'x86_64' },
      { id: 'wolfi' },
      'pkg:apk/wolfi/musl@1-r0?arch=x86_64&distro=wolfi',
    ],
    [
      { type: 'apk', name: 'musl', version: '1-r0' },
      undefined,
      'pkg:apk/alpine/musl@1-r0',
    ],
    [{ type: 'deb', name: 'a', version: '1' }, undefined, 'pkg:deb/debian/a@1'],
  ])('names %j of %j', (each, distribution, purl) => {
    expect(packagePurl(each, distribution)).toBe(purl);
  });

  it.each([
    ['MIT', true],
    ['(MIT OR Apache-2.0) AND GPL-2.0-only WITH GCC-exception-3.1', true],
    ['custom', false],
    ['MIT BSD', false],
    ['MIT AND LicenseRef-ours', false],
  ])('the licence %s is of the list: %s', (licence, expected) => {
    expect(isSpdxLicence(licence)).toBe(expected);
  });
});
