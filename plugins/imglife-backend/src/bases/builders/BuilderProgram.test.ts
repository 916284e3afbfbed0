import { tmpdir } from 'node:os';
import { BuilderProgram } from './BuilderProgram';
import { secretsOf } from './registryHosts';

const PASSWORD = 'password-of-the-registry';

describe('BuilderProgram', () => {
  async function linesOf(script: string): Promise<string[]> {
    const lines: string[] = [];
    const auth = { username: 'us', password: PASSWORD };
    await BuilderProgram.create({ environment: {} }).run({
      program: process.execPath,
      args: ['-e', script],
      cwd: tmpdir(),
      secrets: secretsOf([{ host: 'registry.test', insecure: false, auth }]),
      log: line => lines.push(line),
      signal: new AbortController().signal,
    });
    return lines;
  }

  it('cuts a long line, and shows no half of a secret there', async () => {
    const [line, more] = await linesOf(
      `console.log('x'.repeat(1990) + ${JSON.stringify(
        PASSWORD,
      )} + 'y'.repeat(99))`,
    );
    expect(line).toBe(`${'x'.repeat(1990)}***yyyyyyy`);
    expect(more).toBeUndefined();
  });

  it('shows no credentials as configuration files hold them', async () => {
    const pair = Buffer.from(`us:${PASSWORD}`).toString('base64');
    const lines = await linesOf(`console.log('auth: ${pair}, ${PASSWORD}')`);
    expect(lines).toEqual(['auth: ***, ***']);
  });
});
