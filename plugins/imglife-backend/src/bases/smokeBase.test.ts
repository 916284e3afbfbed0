import { setTimeout as sleep } from 'node:timers/promises';
import type { ImageBuilder } from '@imglife/backstage-plugin-imglife-node';
import type { BaseTagPlan } from './BaseTagPlan';
import { smokeBase } from './smokeBase';

const plan = {
  repository: 'registry.example.com/bases/alpine',
  tag: '3.21.3-core1.0.0',
  definition: { smoke: { command: ['sh', '-c', 'x'], timeoutMs: 20 } },
} as Partial<BaseTagPlan> as BaseTagPlan;

function smoke(run: ImageBuilder['smoke'], signal?: AbortSignal) {
  const builder = { id: 'ours', smoke: run } as ImageBuilder;
  return smokeBase({ plan, builder }, { images: [] } as never, {
    registry: () => undefined,
    log: () => {},
    signal: signal ?? new AbortController().signal,
  });
}

describe('smokeBase', () => {
  const said =
    'registry.example.com/bases/alpine:3.21.3-core1.0.0 was not published: its smoke command ["sh","-c","x"] failed: ';

  it('says what failed, and what took too long', async () => {
    await expect(
      smoke(async () => {
        throw new Error('docker ended with 3: no such file');
      }),
    ).rejects.toThrow(`${said}docker ended with 3: no such file`);
    await expect(
      smoke(async ({ timeoutMs }) => {
        const limit = AbortSignal.timeout(timeoutMs);
        await new Promise(resolve => limit.addEventListener('abort', resolve));
        limit.throwIfAborted();
      }),
    ).rejects.toThrow(`${said}it did not end within 0.02 seconds`);
  });

  it('is no failure of the base when the run is cancelled', async () => {
    const controller = new AbortController();
    const running = smoke(async (_, { signal }) => {
      await sleep(60_000, undefined, { signal });
    }, controller.signal);
    controller.abort(new Error('cancelled by somebody'));
    await expect(running).rejects.toThrow('cancelled by somebody');
  });
});
