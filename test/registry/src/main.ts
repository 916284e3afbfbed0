import { parseArgs } from 'node:util';
import { RequestLine } from './exchange';
import { TestRegistry } from './TestRegistry';

const USAGE = `usage: main.ts --port PORT [--hostname ADDRESS] [--directory DIR]
  --no-manifest-checks       take manifests whose blobs or children are absent
  --slow-blob DIGEST=RATE    send this blob (* is any) at RATE bytes per second;
                             may be repeated
  --slow-after N             send the first N blob downloads at full speed
`;

/** The options of the command line, checked. */
function readOptions(argv: string[]) {
  const { values } = parseArgs({
    args: argv,
    options: {
      port: { type: 'string' },
      hostname: { type: 'string' },
      directory: { type: 'string' },
      'no-manifest-checks': { type: 'boolean', default: false },
      'slow-blob': { type: 'string', multiple: true, default: [] },
      'slow-after': { type: 'string', default: '0' },
    },
  });
  const port = Number(values.port);
  const slowAfter = Number(values['slow-after']);
  if (!values.port || !Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Error('--port needs a number from 0 to 65535');
  }
  if (!Number.isInteger(slowAfter) || slowAfter < 0) {
    throw new Error('--slow-after needs a number of downloads');
  }
  const rates = values['slow-blob'].map((text): [string, number] => {
    const match = /^(\*|sha(?:256|512):[0-9a-f]+)=(\d+)$/.exec(text);
    if (!match || Number(match[2]) === 0) {
      throw new Error(`--slow-blob needs DIGEST=BYTES_PER_SECOND: ${text}`);
    }
    return [match[1], Number(match[2])];
  });
  return { ...values, port, slowAfter, rates: new Map(rates) };
}

/** Slows the wanted blobs, once enough downloads went by. */
function throttleOf(rates: Map<string, number>, slowAfter: number) {
  let downloads = 0;
  return ({ path }: RequestLine): number | undefined => {
    downloads += 1;
    const digest = decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
    return downloads > slowAfter
      ? rates.get(digest) ?? rates.get('*')
      : undefined;
  };
}

async function main(argv: string[]): Promise<void> {
  const options = readOptions(argv);
  const registry = await TestRegistry.start({
    port: options.port,
    hostname: options.hostname,
    storage: options.directory ? { directory: options.directory } : 'memory',
    checkManifests: !options['no-manifest-checks'],
    throttle: throttleOf(options.rates, options.slowAfter),
  });
  const stop = () => {
    void registry.stop();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.stdout.write(`listening on ${registry.url}\n`);
}

main(process.argv.slice(2)).catch(error => {
  process.stderr.write(`${error.message}\n${USAGE}`);
  process.exitCode = 2;
});
