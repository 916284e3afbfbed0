import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { PostgresDatabases } from './PostgresDatabases';
import { RealBackend } from './RealBackend';

jest.setTimeout(120_000);

const databases = PostgresDatabases.create();
let folder: string;
let backend: RealBackend | undefined;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-real-config-'));
});

afterAll(async () => {
  await backend?.stop();
  await databases.drop();
  await rm(folder, { recursive: true, force: true });
});

it('does not start, and names every fault in one message', async () => {
  backend = await RealBackend.spawn({
    folder,
    databases,
    imglife: {
      tiers: {
        mirrors: 'registry.example.com/mirrors',
        bases: 'registry.example.com/bases',
      },
      registries: [
        {
          host: 'registry.example.com',
          auth: { username: 'sync', password: 'a-password-of-the-test' },
        },
      ],
      mirrors: {
        entries: [
          {
            source: 'docker.io/library/alpine',
            tags: { regex: '3\\.(\\d+' },
          },
        ],
      },
      bases: {
        coreVersion: '1.0.0',
        coreVersoin: '1.1.0',
        entries: [{ name: 'debian', from: { mirror: 'debian', tag: '12' } }],
      },
    },
  });

  expect(await backend.end()).not.toBe(0);

  const message = backend.output
    .split(/\n(?=\S)/)
    .find(lines => lines.includes('imglife configuration has 3 faults'));
  expect(message).toContain('imglife.mirrors.entries[0].tags.regex');
  expect(message).toContain('imglife.bases.coreVersoin');
  expect(message).toContain('imglife.bases.entries[0].from.mirror');
  expect(backend.output).not.toContain('a-password-of-the-test');
});
