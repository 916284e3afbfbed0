import {
  mkdtemp,
  mkdir,
  rm,
  symlink,
  writeFile,
  chmod,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashContext, hashInputs, type BuildInputs } from './inputHash';
import { readContext } from './readContext';

describe('hashInputs', () => {
  const inputs: BuildInputs = {
    name: 'alpine',
    tag: '3.21.3-core1.0.0',
    mirrorDigest: 'sha256:1',
    coreVersion: '1.0.0',
    template: 'FROM {{ mirror.reference }}',
    dockerfile: 'FROM x',
    contextHash: 'c',
    args: { A: '1', B: '2' },
    platforms: ['linux/amd64', 'linux/arm64'],
  };

  it('does not depend on the order of arguments and platforms', () => {
    const same = hashInputs({
      ...inputs,
      args: { B: '2', A: '1' },
      platforms: ['linux/arm64', 'linux/amd64'],
    });
    expect(same).toEqual(hashInputs(inputs));
  });

  it('is what it was before layers could be zstd', () => {
    // an installation that is brought up to date builds nothing anew
    expect(hashInputs(inputs)).toEqual({
      inputHash:
        '914a0c6e5187db3707e3fd594a49d68f5af5d2db9faeb5429c266cd20f0084a8',
      inputs: {
        mirror: 'sha256:1',
        coreVersion: '1.0.0',
        template: expect.any(String),
        context: 'c',
        arguments: expect.any(String),
        platforms: 'linux/amd64,linux/arm64',
      },
    });
  });

  it.each<[keyof BuildInputs, unknown, string[]]>([
    ['mirrorDigest', 'sha256:2', ['mirror']],
    ['coreVersion', '1.1.0', ['coreVersion']],
    ['contextHash', 'd', ['context']],
    ['args', { A: '1' }, ['arguments']],
    ['platforms', ['linux/amd64'], ['platforms']],
    ['compression', 'zstd', ['compression']],
    ['dockerfile', 'FROM y', []],
    ['tag', '3.21.3-core1', []],
    ['name', 'other', []],
  ])('%s', (name, value, kinds) => {
    const before = hashInputs(inputs);
    const after = hashInputs({ ...inputs, [name]: value });
    expect(after.inputHash).not.toBe(before.inputHash);
    const changed = Object.entries(after.inputs).filter(
      ([kind, hash]) =>
        before.inputs[kind as keyof typeof before.inputs] !== hash,
    );
    expect(changed.map(([kind]) => kind)).toEqual(kinds);
  });
});

describe('readContext and hashContext', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'imglife-context-'));
    await mkdir(join(folder, 'etc/empty'), { recursive: true });
    await mkdir(join(folder, 'secrets'));
    await writeFile(join(folder, 'Dockerfile.tmpl'), 'FROM x');
    await writeFile(join(folder, '.dockerignore'), 'secrets\n!secrets/ca.crt');
    await writeFile(join(folder, 'etc/a.conf'), 'a');
    await writeFile(join(folder, 'run.sh'), '#!', { mode: 0o700 });
    await writeFile(join(folder, 'secrets/key'), 'k');
    await writeFile(join(folder, 'secrets/ca.crt'), 'c');
    await symlink('etc/a.conf', join(folder, 'link'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('lists what is not ignored, sorted, with the modes git knows', async () => {
    const files = await readContext(folder, './Dockerfile.tmpl');
    expect(
      files.map(file => [
        file.type,
        file.path,
        file.type === 'symlink' ? file.target : file.mode,
      ]),
    ).toEqual([
      ['directory', 'etc', 0o755],
      ['file', 'etc/a.conf', 0o644],
      ['directory', 'etc/empty', 0o755],
      ['symlink', 'link', 'etc/a.conf'],
      ['file', 'run.sh', 0o755],
      ['directory', 'secrets', 0o755],
      ['file', 'secrets/ca.crt', 0o644],
    ]);
  });

  it.each<[string, (folder: string) => Promise<void>, boolean]>([
    ['content', f => writeFile(join(f, 'etc/a.conf'), 'b'), true],
    ['an executable bit', f => chmod(join(f, 'etc/a.conf'), 0o755), true],
    ['a new file', f => writeFile(join(f, 'new'), ''), true],
    ['the umask', f => chmod(join(f, 'etc/a.conf'), 0o640), false],
    ['what is ignored', f => writeFile(join(f, 'secrets/key'), 'x'), false],
    ['the template', f => writeFile(join(f, 'Dockerfile.tmpl'), 'y'), false],
  ])('changes with %s: %#', async (_, change, changes) => {
    const read = async () =>
      hashContext(await readContext(folder, 'Dockerfile.tmpl'));
    const before = await read();
    expect(await read()).toBe(before);
    await change(folder);
    expect((await read()) !== before).toBe(changes);
  });

  it('names a folder that is not there', async () => {
    await expect(readContext(join(folder, 'nope'))).rejects.toThrow(
      `There is no context folder ${join(folder, 'nope')}`,
    );
  });
});
