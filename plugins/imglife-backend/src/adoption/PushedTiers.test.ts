import type { RunContext } from '../runs/RunContext';
import { PushedTiers } from './PushedTiers';

const target = (repository: string) => ({ registry: 'reg.test', repository });
const MIRROR = 'reg.test/mirrors/alpine';
const BASE = 'reg.test/bases/core';

function room(change: {
  busy?: string[];
  recorded?: string;
  found?: string;
  adopted?: boolean;
}) {
  const calls: unknown[] = [];
  const { busy = [], recorded, found, adopted = true } = change;
  const tiers = PushedTiers.create({
    definitions: {
      mirrors: {
        entries: [{ name: 'alpine', target: target('mirrors/alpine') }],
      },
      bases: { entries: [{ name: 'core', target: target('bases/core') }] },
    } as never,
    registries: {
      clientFor: host =>
        ({
          headManifest: async (repository: string, tag: string) => {
            calls.push(['head', `${host}/${repository}:${tag}`]);
            return found && { digest: found };
          },
        } as never),
    },
    store: {
      isBusy: async (kind, name) => busy.includes(`${kind} ${name}`),
      recordedDigest: async () => recorded,
    },
    adopter: {
      adopt: async (_context, repository) => {
        calls.push(['adopt', repository]);
        return adopted;
      },
    },
    recomputer: {
      recompute: async cause => {
        calls.push(['recompute', cause]);
      },
    },
    runs: {
      start: async (request, by) => {
        calls.push([request, by]);
        return { id: '1' };
      },
    },
  });
  const look = (repository: string, tag: string) =>
    tiers.look({ repository, tag }, {
      actor: 'imglife-webhook',
      signal: new AbortController().signal,
      log: () => {},
    } as unknown as RunContext);
  return { calls, look };
}

const by = { trigger: 'event', actor: 'imglife-webhook' };
const moved = { recorded: 'sha256:ours', found: 'sha256:theirs' };

describe('PushedTiers', () => {
  it.each<[string, Parameters<typeof room>[0], string, string, unknown[]]>([
    [
      'adopts a tag without a record',
      {},
      MIRROR,
      '3.21.3',
      [
        ['adopt', MIRROR],
        ['recompute', 'image pushed'],
      ],
    ],
    [
      'judges nothing anew where nothing was adopted',
      { adopted: false },
      BASE,
      'not-ours',
      [['adopt', BASE]],
    ],
    [
      'verifies a mirror that someone else pushed to',
      moved,
      MIRROR,
      '3.21.3',
      [
        ['head', `${MIRROR}:3.21.3`],
        [{ kind: 'verify', target: 'alpine' }, by],
      ],
    ],
    [
      'builds a base that someone else pushed to',
      moved,
      BASE,
      '3.21.3-core1.0.0',
      [
        ['head', `${BASE}:3.21.3-core1.0.0`],
        [{ kind: 'build', target: 'core' }, by],
      ],
    ],
    [
      'knows its own pushes by the digest',
      { recorded: 'sha256:ours', found: 'sha256:ours' },
      MIRROR,
      '3.21.3',
      [['head', `${MIRROR}:3.21.3`]],
    ],
    [
      'leaves a tag that is gone again',
      { recorded: 'sha256:ours' },
      MIRROR,
      '3.21.3',
      [['head', `${MIRROR}:3.21.3`]],
    ],
    [
      'leaves it to the sync that is at work',
      { ...moved, busy: ['sync alpine'] },
      MIRROR,
      '3.21.3',
      [],
    ],
    [
      'leaves it to the verify round that is at work',
      { ...moved, busy: ['verify alpine'] },
      MIRROR,
      '3.21.3',
      [],
    ],
    [
      'leaves it to the build that is at work',
      { busy: ['build core'] },
      BASE,
      '1',
      [],
    ],
    [
      'passes over what belongs to a digest',
      {},
      MIRROR,
      `sha256-${'a'.repeat(64)}.sig`,
      [],
    ],
  ])('%s', async (_name, change, repository, tag, expected) => {
    const { calls, look } = room(change);
    expect(await look(repository, tag)).toBe(true);
    expect(calls).toEqual(expected);
  });

  it('says what is none of its own', async () => {
    const { calls, look } = room({});
    expect(await look('reg.test/apps/shop', '1')).toBe(false);
    expect(calls).toEqual([]);
  });
});
