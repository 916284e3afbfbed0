import type { ContextFile } from '@imglife/backstage-plugin-imglife-node';
import { buffer } from 'node:stream/consumers';
import type { BasePlanner } from '../BasePlanner';
import type { BaseTag } from '../BaseStore';
import type { BaseSources, BaseTagPlan } from '../BaseTagPlan';
import { BaseExporter } from './BaseExporter';

const TAG = '3.21.3-core1.0.0';

function planOf(options: {
  row?: Partial<BaseTag>;
  files?: ContextFile[];
  args?: Record<string, string>;
}): BaseTagPlan {
  const { row, files = [], args = {} } = options;
  const sources: BaseSources = {
    template: { name: 'x', text: 'FROM {{ mirror.reference }}\nARG A\n' },
    files,
    contextHash: '1',
  };
  const plan = {
    definition: { name: 'alpine', coreVersion: '1.0.0', args },
    mirror: { lifecycle: { extendedSupport: false } },
    mirrorTag: {
      repository: 'reg.test/mirrors/alpine',
      tag: '3.21.3',
      digest: 'sha256:1',
      platforms: ['linux/amd64'],
    },
    repository: 'reg.test/bases/alpine',
    tag: TAG,
    known: row ? [{ tag: TAG, upstreamTag: '3.21.3', ...row }] : [],
    readSources: async () => sources,
    lifecycle: { judge: () => ({ support: 'unknown', eol: [] }) },
  };
  return plan as unknown as BaseTagPlan;
}

function exporting(plan: BaseTagPlan, maxBytes?: number) {
  const planner: Partial<BasePlanner> = {
    wanted: () => [plan.definition],
    plan: async () => [plan],
  };
  return BaseExporter.create({
    definitions: { policy: { warnDays: 30 } } as never,
    planner: planner as BasePlanner,
    lifecycle: { load: async () => plan.lifecycle },
    now: () => new Date(0),
    maxBytes,
  }).export({ name: 'alpine' });
}

const file = (path: string, size: number, bytes = size): ContextFile => ({
  type: 'file',
  path,
  mode: 0o644,
  size,
  read: async () => Buffer.alloc(bytes),
});

describe('BaseExporter', () => {
  it('refuses more than it may hold, before anything is sent', async () => {
    const plan = planOf({ files: [file('a', 5_000), file('b', 5_000)] });
    await expect(exporting(plan, 10_000)).rejects.toThrow(
      /would hold 1\d{4} bytes, over 10000; name one base/,
    );
    const tar = await buffer(await exporting(plan, 20_000));
    expect(tar.length).toBeGreaterThan(10_000);
  });

  it('breaks off when a file changes while it is sent', async () => {
    const plan = planOf({ files: [file('a', 5_000, 4_000)] });
    await expect(buffer(await exporting(plan))).rejects.toThrow(
      'linux-amd64/a changed while it was copied',
    );
  });

  it.each<[string, Parameters<typeof planOf>[0], object]>([
    [
      'is blocked',
      {
        row: {
          state: 'published',
          published: {
            digest: 'sha256:2',
            inputHash: 'x',
            inputs: {
              mirror: 'sha256:1',
              coreVersion: '1.0.0',
              template: 'another',
              context: '1',
              arguments: '',
              platforms: '',
            },
          },
        },
      },
      {
        action: 'blocked',
        state: 'skipped',
        error: expect.stringContaining('raise coreVersion of base alpine'),
      },
    ],
    [
      'was adopted',
      { row: { state: 'published', digest: 'sha256:2' } },
      { action: 'none', reason: expect.stringContaining('adopted') },
    ],
    [
      'holds what no Dockerfile can',
      { args: { A: 'a\nb' } },
      {
        action: 'export',
        state: 'failed',
        error: expect.stringContaining('args.A'),
      },
    ],
  ])('leaves out a base that %s, and says so', async (_name, given, item) => {
    const tar = String(await buffer(await exporting(planOf(given))));
    expect(tar).not.toContain('FROM');
    const list = JSON.parse(tar.slice(512, tar.indexOf('\0', 512)));
    const reference = `reg.test/bases/alpine:${TAG}`;
    expect(list).toMatchObject({
      folders: [],
      entries: 0,
      items: [{ reference, ...item }],
    });
  });
});
