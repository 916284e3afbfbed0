import { InvalidReferenceError } from './errors';
import {
  formatReference,
  formatRepository,
  parseReference,
  parseRepository,
} from './Reference';

const SHA = `sha256:${'a1'.repeat(32)}`;
const SHA512 = `sha512:${'b2'.repeat(64)}`;

describe('parseReference', () => {
  it.each([
    ['alpine', 'docker.io/library/alpine:latest'],
    ['alpine:3.21', 'docker.io/library/alpine:3.21'],
    ['grafana/grafana', 'docker.io/grafana/grafana:latest'],
    ['docker.io/alpine', 'docker.io/library/alpine:latest'],
    ['index.docker.io/library/alpine:1', 'docker.io/library/alpine:1'],
    ['registry-1.docker.io/a/b:1', 'docker.io/a/b:1'],
    ['localhost/app', 'localhost/app:latest'],
    ['localhost:5000/app:1', 'localhost:5000/app:1'],
    ['localhost:5000', 'docker.io/library/localhost:5000'],
    ['LocalHost/app', 'localhost/app:latest'],
    ['UPPER:5000/app', 'upper:5000/app:latest'],
    ['Registry.Example.COM:443/a/b_c/d__e/f-g--h.i', undefined],
    ['[2001:DB8::1]:5000/app:1', '[2001:db8::1]:5000/app:1'],
    [`alpine@${SHA}`, `docker.io/library/alpine@${SHA}`],
    [`reg.io/a:1@${SHA512}`, `reg.io/a:1@${SHA512}`],
    [`reg.io/a:${'t'.repeat(128)}`, `reg.io/a:${'t'.repeat(128)}`],
    [`reg.io/${'p'.repeat(255)}`, `reg.io/${'p'.repeat(255)}:latest`],
    ['reg.io/a:_V1.0-x', 'reg.io/a:_V1.0-x'],
  ])('reads %s', (text, expected) => {
    const parsed = parseReference(text);
    expect(formatReference(parsed)).toBe(
      expected ?? 'registry.example.com:443/a/b_c/d__e/f-g--h.i:latest',
    );
    expect(parseReference(formatReference(parsed))).toEqual(parsed);
  });

  it('gives no implicit tag beside a digest, and no empty keys', () => {
    expect(parseReference(`a@${SHA}`)).toEqual({
      registry: 'docker.io',
      repository: 'library/a',
      digest: SHA,
    });
    expect(Object.keys(parseReference('a'))).not.toContain('digest');
  });

  it.each([
    ['', 'it is empty'],
    ['https://reg.io/a', `leave 'https://' out`],
    ['/a', `the host before '/' is empty`],
    ['reg.io/', 'the repository is empty'],
    [':1', 'the repository is empty'],
    ['Alpine', `repository 'Alpine' must be in lower case`],
    ['reg.io/Team/app', `repository 'Team/app' must be in lower case`],
    ['Grafana/grafana', `'Grafana' is no host without a '.' or a port`],
    ['reg.io/a//b', `bad repository component ''`],
    ['reg.io/a/../b', `bad repository component '..'`],
    ['reg.io/a___b', `bad repository component 'a___b'`],
    ['reg.io/-a', `bad repository component '-a'`],
    ['reg.io/a b', `bad repository component 'a b'`],
    ['reg_x.io/a', `bad host 'reg_x.io'`],
    ['-reg.io/a', `bad host '-reg.io'`],
    ['reg..io/a', `bad host 'reg..io'`],
    ['reg.io:/a', `bad port ''`],
    ['reg.io:0/a', `bad port '0'`],
    ['reg.io:70000/a', `bad port '70000'`],
    ['reg.io:x/a', `bad port 'x'`],
    ['a:', `bad tag ''`],
    ['a:.x', `bad tag '.x'`],
    ['a:b c', `bad tag 'b c'`],
    ['a:1\n', `bad tag '1\n'`],
    [`a:${'t'.repeat(129)}`, 'is longer than 128 characters'],
    [`reg.io/${'p'.repeat(256)}`, 'is longer than 255 characters'],
    ['x'.repeat(2000), 'it is longer than 1024 characters'],
    ['a@', `digest '' is not of the form`],
    ['a@md5:abc', `digest algorithm 'md5' is not supported`],
    ['a@constructor:abc', `digest algorithm 'constructor' is not supported`],
    [`a@${SHA.toUpperCase()}`, `digest algorithm 'SHA256' is not supported`],
    [`a@sha256:${'A1'.repeat(32)}`, '64 lower case hex digits'],
    [`a@${SHA}0`, '64 lower case hex digits'],
    ['a1'.repeat(32), 'is an image id and not a repository'],
  ])('refuses %j and names the bad part', (text, problem) => {
    expect(() => parseReference(text)).toThrow(InvalidReferenceError);
    expect(() => parseReference(text)).toThrow(problem);
  });

  it('keeps the reference on the error', () => {
    expect(() => parseReference('reg.io/A')).toThrow(
      expect.objectContaining({ reference: 'reg.io/A' }),
    );
  });
});

describe('parseRepository', () => {
  it('normalises as a reference does', () => {
    expect(formatRepository(parseRepository('alpine'))).toBe(
      'docker.io/library/alpine',
    );
    expect(formatRepository(parseRepository('R.io:5/a/b'))).toBe('r.io:5/a/b');
  });

  it.each([
    ['r.io/a:1', `leave ':1' out`],
    [`r.io/a@${SHA}`, `leave '@${SHA}' out`],
  ])('refuses %s', (text, problem) => {
    expect(() => parseRepository(text)).toThrow(problem);
  });
});
