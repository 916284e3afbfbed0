/* eslint-disable no-console */
import {
  EmbeddedBuilder,
  readContext,
} from '@imglife/backstage-plugin-imglife-backend';
import { RegistryClient } from '@imglife/oci';

const SAMPLE_MS = 20;

/**
 * Builds a base of a context in a process of its own, whose memory the test
 * limits. Says how much more memory it held at its peak than before, in bytes.
 */
async function main([host, from, context]: string[]): Promise<void> {
  const client = RegistryClient.create({ host, insecure: true });
  const builder = EmbeddedBuilder.create({
    registries: { clientFor: () => client },
  });
  const build = async (dockerfile: string) =>
    builder.build(
      {
        dockerfile: `FROM ${from}\n${dockerfile}\n`,
        files: await readContext(context),
        args: {},
        secrets: [],
        platforms: ['linux/amd64', 'linux/arm64'],
        labels: {},
        annotations: {},
        created: new Date('2026-01-01T00:00:00Z'),
        from,
        target: { repository: `${host}/bases/large`, tag: '1.0' },
        registry: () => undefined,
      },
      { log: () => {}, signal: new AbortController().signal },
    );
  await build('COPY small /small');
  const before = process.memoryUsage.rss();
  let peak = before;
  const sample = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, SAMPLE_MS);
  const { digest } = await build('COPY large /large');
  clearInterval(sample);
  await client.close();
  console.log(JSON.stringify({ digest, growth: peak - before }));
}

void main(process.argv.slice(2));
