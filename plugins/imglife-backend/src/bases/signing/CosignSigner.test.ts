import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CosignSettings } from '../../definitions/Definitions';
import { BuilderProgram } from '../builders/BuilderProgram';
import { CosignSigner } from './CosignSigner';

const HOST = 'registry.example.com:5000';
const DIGEST = `sha256:${'a'.repeat(64)}`;
const REFERENCE = `${HOST}/bases/alpine@${DIGEST}`;
const REGISTRY_PASSWORD = 'of-the-registry';
const KEY_PASSWORD = 'of-the-key';
const TOKEN = 'of-the-key-service';

/**
 * cosign is not installed where these tests run: what it is asked is checked
 * by a program in its place.
 */
describe('CosignSigner', () => {
  let folder: string;
  let log: string[];
  let controller: AbortController;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'imglife-cosign-'));
    log = [];
    controller = new AbortController();
  });

  afterEach(() => rm(folder, { recursive: true }));

  async function standIn(script: string): Promise<string> {
    const file = join(folder, 'cosign');
    await writeFile(
      file,
      `#!${process.execPath}
      const fs = require('node:fs');
      fs.writeFileSync(${JSON.stringify(join(folder, 'call.json'))},
        JSON.stringify({ args: process.argv.slice(2), env: process.env,
          mode: (fs.statSync(process.env.DOCKER_CONFIG + '/config.json').mode & 0o777).toString(8),
          config: JSON.parse(fs.readFileSync(process.env.DOCKER_CONFIG + '/config.json', 'utf8')) }));
      ${script}`,
      { mode: 0o755 },
    );
    return file;
  }

  const readCall = async () =>
    JSON.parse(await readFile(join(folder, 'call.json'), 'utf8'));

  function signer(change: Partial<CosignSettings> & { command: string }) {
    const settings: CosignSettings = {
      key: '/pki/cosign.key',
      password: KEY_PASSWORD,
      recursive: true,
      env: { VAULT_TOKEN: TOKEN },
      args: ['--tlog-upload=false'],
      timeoutMs: 20_000,
      ...change,
    };
    const environment = { PATH: process.env.PATH, BACKEND_SECRET: 'x' };
    return CosignSigner.create({
      settings: () => settings,
      program: BuilderProgram.create({ environment }),
    });
  }

  function sign(each: CosignSigner) {
    return each.sign(
      {
        reference: REFERENCE,
        digest: DIGEST,
        registry: host => ({
          insecure: true,
          caFile: '/pki/ca.pem',
          auth: { username: `at ${host}`, password: REGISTRY_PASSWORD },
        }),
      },
      { log: line => log.push(line), signal: controller.signal },
    );
  }

  it('signs by digest, with credentials of its own and nothing of the portal', async () => {
    const command = await standIn(
      `console.error('with ${REGISTRY_PASSWORD} ${KEY_PASSWORD} ${TOKEN}')`,
    );
    await sign(signer({ command }));
    const { args, env, config, mode } = await readCall();
    expect(args).toEqual([
      ...['sign', '--yes', '--key', '/pki/cosign.key', '--recursive'],
      ...['--allow-http-registry', '--registry-cacert', '/pki/ca.pem'],
      ...['--tlog-upload=false', REFERENCE],
    ]);
    expect(env).toMatchObject({
      COSIGN_PASSWORD: KEY_PASSWORD,
      VAULT_TOKEN: TOKEN,
      HOME: env.DOCKER_CONFIG,
    });
    expect(env).not.toHaveProperty('BACKEND_SECRET');
    const pair = Buffer.from(`at ${HOST}:${REGISTRY_PASSWORD}`);
    expect(config).toEqual({
      auths: { [HOST]: { auth: pair.toString('base64') } },
    });
    expect(mode).toBe('600');
    await expect(access(env.DOCKER_CONFIG)).rejects.toThrow('ENOENT');
    expect(log).toEqual(['with *** *** ***']);
  });

  it('signs without a key, and never waits for a password', async () => {
    const command = await standIn('');
    const keyless = { key: undefined, password: undefined, env: {}, args: [] };
    await sign(signer({ command, ...keyless, recursive: false }));
    const { args, env } = await readCall();
    expect(args).toEqual([
      ...['sign', '--yes', '--allow-http-registry'],
      ...['--registry-cacert', '/pki/ca.pem', REFERENCE],
    ]);
    expect(env.COSIGN_PASSWORD).toBe('');
  });

  it('says what cosign said last, secrets masked', async () => {
    const command = await standIn(
      `console.error('error: ${KEY_PASSWORD} is wrong'); process.exit(1)`,
    );
    await expect(sign(signer({ command }))).rejects.toThrow(
      'ended with 1: error: *** is wrong',
    );
  });

  it('ends what takes too long, and what is cancelled', async () => {
    const command = await standIn('setInterval(() => {}, 1000)');
    await expect(sign(signer({ command, timeoutMs: 400 }))).rejects.toThrow(
      'did not sign within 0.4 seconds',
    );
    const { env } = await readCall();
    await expect(access(env.DOCKER_CONFIG)).rejects.toThrow('ENOENT');
    setTimeout(() => controller.abort(new Error('cancelled')), 200);
    await expect(sign(signer({ command }))).rejects.toThrow('cancelled');
  });

  it('names the program that is missing', async () => {
    const missing = signer({ command: join(folder, 'none') });
    expect(await missing.findFault()).toMatch(
      /signer cosign: the program .*none is not installed/,
    );
    await expect(sign(missing)).rejects.toThrow(
      /none is not installed .*; install it, or take it out of imglife.bases.sign/,
    );
    const there = signer({ command: await standIn('') });
    expect(await there.findFault()).toBeUndefined();
  });
});
