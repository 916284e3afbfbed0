import { runCli } from './runCli';

runCli({
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  fetch,
  sleep: ms => new Promise(resolve => setTimeout(resolve, ms)),
  random: Math.random,
}).then(code => {
  process.exitCode = code;
});
