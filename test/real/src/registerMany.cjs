// Registers images one after another through the bundled command line, as the
// jobs of one CI runner do; one that ends with 3 is run again, as a job is.
// usage: node registerMany.cjs BUNDLE FIRST STEP END; writes each number when done
const [bundle, first, step, end] = process.argv.slice(2);
const { runCli } = require(bundle);

const TRIES = 5;
const { HOST, DIGEST } = process.env;

/** One run of the command line, to its exit code. */
async function register(number) {
  let said = '';
  const write = text => {
    said += text;
  };
  const code = await runCli({
    argv: [
      ...['register', '--image', `${HOST}/apps/app-${number}:1.0`],
      ...['--digest', DIGEST, '--revision', `${number}`],
      ...['--base', `${HOST}/bases/alpine:3.21`],
      ...['--built-at', '2026-10-01T00:00:00Z'],
    ],
    env: process.env,
    cwd: process.cwd(),
    stdout: { write },
    stderr: { write },
    onInterrupt: () => () => {},
    fetch,
    sleep: ms => new Promise(resolve => setTimeout(resolve, ms)),
    now: Date.now,
    random: Math.random,
  });
  return { code, said };
}

async function main() {
  for (
    let number = Number(first);
    number < Number(end);
    number += Number(step)
  ) {
    for (let tries = 1; ; tries += 1) {
      const { code, said } = await register(number);
      if (code === 0) {
        break;
      }
      if (code !== 3 || tries === TRIES) {
        throw new Error(`registration ${number} ended with ${code}: ${said}`);
      }
    }
    process.stdout.write(`${number}\n`);
  }
}

main().catch(error => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
