import { benchUnchanged } from '/work/main/test/bench/src/benchUnchanged';
import { DebianRegistry } from '/work/main/test/real/src/DebianRegistry';
import { mkdtempSync, chmodSync } from 'node:fs';
import path from 'node:path';
async function main() {
  const folder = mkdtempSync('/tmp/unch-'); chmodSync(folder, 0o755);
  const QUIET = { log: { level: 'error', accesslog: { disabled: true } } };
  const a = await DebianRegistry.start(path.join(folder,'a'), { config: QUIET });
  const b = await DebianRegistry.start(path.join(folder,'b'), { config: QUIET });
  try { console.log(await benchUnchanged({ folder, from: a.host, to: b.host, log: l => console.log(l) })); }
  finally { await a.stop(); await b.stop(); }
}
void main();
