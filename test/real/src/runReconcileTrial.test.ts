import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { runReconcileTrial } from './runReconcileTrial';

jest.setTimeout(180_000);

const BASES = 200;
const MAX_SECONDS = 2;

it('looks at 200 bases with nothing to do: no request, under two seconds', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'imglife-reconcile-'));
  try {
    const result = await runReconcileTrial({ folder, bases: BASES });
    expect(result).toMatchObject({
      state: 'succeeded',
      unchanged: BASES,
      requests: 0,
    });
    expect(result.seconds).toBeLessThan(MAX_SECONDS);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
