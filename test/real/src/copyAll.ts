/* eslint-disable no-console */
import { BlobLedger, copyImage, RegistryClient } from '@imglife/oci';

const AT_ONCE = 4;
const SAMPLE_MS = 10;

/**
 * Copies images in a process of its own: `from` and `to` are hosts, `prefix`
 * goes before the repository at the target, and `images` are `repository:tag`.
 * Says what it took, without its own start.
 */
async function main([from, to, prefix, ...images]: string[]): Promise<void> {
  const [source, target] = [from, to].map(host =>
    RegistryClient.create({ host, insecure: true, concurrency: 8 }),
  );
  const ledger = BlobLedger.create();
  // connections and code are warm in a portal that runs
  await copyImage({
    source: { client: source, repository: 'tiny', reference: '1' },
    target: { client: target, repository: 'warm', tag: `${process.pid}` },
  });
  global.gc?.();
  const idle = process.memoryUsage.rss();
  let peak = idle;
  const sampling = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, SAMPLE_MS);
  const cpu = process.cpuUsage();
  const start = performance.now();
  const waiting = [...images];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [repository, tag] = next.split(':');
      await copyImage({
        source: { client: source, repository, reference: tag },
        target: { client: target, repository: `${prefix}/${repository}`, tag },
        ledger,
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const wall = (performance.now() - start) / 1000;
  const used = process.cpuUsage(cpu);
  clearInterval(sampling);
  await Promise.all([source.close(), target.close()]);
  console.log(
    JSON.stringify({
      wall,
      cpu: (used.user + used.system) / 1e6,
      memory: peak - idle,
    }),
  );
}

void main(process.argv.slice(2));
