import type { Verdict } from '@imglife/backstage-plugin-imglife-common';

/** A verdict of a base that is fine, but for what a test says. */
export function verdictOf(different: Partial<Verdict> = {}): Verdict {
  return {
    base: 'registry.example.com/bases/alpine:3.21.3-core1.0.0',
    name: 'alpine',
    kind: 'core',
    state: 'published',
    cycle: '3.21',
    freshness: 'current',
    latest: 'registry.example.com/bases/alpine:3.21.3-core1.0.0',
    latestInCycle: 'registry.example.com/bases/alpine:3.21.3-core1.0.0',
    outdatedSince: null,
    graceUntil: null,
    upToDate: true,
    support: 'supported',
    eolDate: '2099-11-01',
    eol: [
      {
        product: 'alpine-linux',
        cycle: '3.21',
        eolDate: '2099-11-01',
        dataAgeDays: 1,
      },
    ],
    status: 'ok',
    violations: [],
    exemption: null,
    advice: null,
    warnings: [],
    notes: [],
    ...different,
  };
}
