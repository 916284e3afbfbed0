/* eslint-disable no-console */
import { benches } from './benches';

/** `./dev bench NAME`: the last line is one JSON object. */
async function main([name = '']: string[]): Promise<void> {
  const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
  if (!bench) {
    const known = Object.keys(benches).join(', ');
    console.error(`./dev bench: there is no "${name}"; known: ${known}`);
    process.exitCode = 2;
    return;
  }
  const result = await bench(line => console.error(line));
  console.log(JSON.stringify({ bench: name, ...result }));
}

void main(process.argv.slice(2));
