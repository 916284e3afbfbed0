import { applicationFactsOf, completeFacts } from './applicationFacts';
import type { ApplicationFacts } from './ApplicationStore';
import type { BaseDetection } from './detectBase';
import type { ImageFacts } from './imageFacts';
import type { PostedBuild } from './readRegistration';

const posted: PostedBuild = {
  name: { registry: 'reg.test', repository: 'apps/shop' },
  tag: '1.0',
};
const detection = {
  method: 'declared' as const,
  confidence: 'unconfirmed' as const,
  mismatch: false,
  candidates: [],
};
const unknown: BaseDetection = { base: { kind: 'unknown' }, detection };
const base = { reference: 'reg.test/bases/a:1', digest: 'sha256:base' };

function image(): ImageFacts {
  const platform = { digest: '', chainIds: [], annotations: {}, labels: {} };
  return {
    digest: 'sha256:read',
    created: '2026-05-01T00:00:00.000Z',
    platforms: [
      { ...platform, platform: 'linux/arm64' },
      { ...platform, platform: 'linux/amd64' },
    ],
  };
}

describe('applicationFactsOf', () => {
  it('has nothing of what neither was posted nor read', () => {
    expect(applicationFactsOf(posted, undefined, unknown)).toEqual({
      repository: 'reg.test/apps/shop',
      tag: '1.0',
      platforms: [],
      detection,
      fields: {},
    });
  });

  it('takes from the image what was not posted', () => {
    const labels = {
      revision: 'a3f8b1c',
      source: 'git@gitlab.test:team/shop.git',
    };
    expect(
      applicationFactsOf({ ...posted, digest: 'sha256:posted' }, image(), {
        ...unknown,
        labels,
      }),
    ).toMatchObject({
      digest: 'sha256:read',
      platforms: ['linux/amd64', 'linux/arm64'],
      revision: 'a3f8b1c',
      project: 'team/shop',
      builtAt: '2026-05-01T00:00:00.000Z',
    });
  });
});

describe('completeFacts', () => {
  const now: ApplicationFacts = {
    repository: 'reg.test/apps/shop',
    tag: '1.0',
    digest: 'sha256:app',
    platforms: [],
    base: { reference: base.reference },
    detection,
    fields: {},
  };
  const before: ApplicationFacts = {
    ...now,
    platforms: ['linux/amd64'],
    base: { ...base, name: 'a', version: '1' },
    detection: { ...detection, confidence: 'confirmed' },
    revision: 'old',
    project: 'team/old',
    builtAt: '2026-05-01T00:00:00.000Z',
    declaredEntityRef: 'component:default/old',
    fields: { job: '1' },
  };

  it('adds what was read of that digest, and leaves what only CI knows', () => {
    expect(completeFacts(now, before)).toEqual({
      ...before,
      declaredEntityRef: undefined,
      fields: {},
    });
  });

  it.each<[string, Partial<ApplicationFacts>]>([
    ['platforms', { platforms: ['linux/arm64'] }],
    ['revision', { revision: 'new' }],
    ['project', { project: 'team/new' }],
    ['date', { builtAt: '2026-05-02T00:00:00.000Z' }],
  ])('keeps what was posted: %s', (_, change) => {
    expect(completeFacts({ ...now, ...change }, before)).toMatchObject(change);
  });

  it.each<[string, Partial<ApplicationFacts> | undefined]>([
    ['nothing', undefined],
    ['another digest', { digest: 'sha256:other' }],
    ['no digest', { digest: undefined }],
  ])('adds nothing when it knows %s', (_, change) => {
    expect(completeFacts(now, change && { ...before, ...change })).toBe(now);
  });

  const chain = { ...before.detection, method: 'chain' as const };
  const none = { ...chain, method: 'none' as const };
  const scratch = { ...now, base: undefined };
  it.each<[string, ApplicationFacts, Partial<ApplicationFacts>, string]>([
    ['the same base', now, {}, 'confirmed'],
    [
      'the same base and digest',
      { ...now, base: { ...base } },
      {},
      'confirmed',
    ],
    ['what the layers told', now, { detection: chain }, 'confirmed'],
    ['scratch again', scratch, { base: undefined }, 'confirmed'],
    [
      'scratch, unknown before',
      scratch,
      { base: undefined, detection: none },
      'unconfirmed',
    ],
    [
      'another digest of the base',
      { ...now, base: { ...base, digest: 'sha256:new' } },
      {},
      'unconfirmed',
    ],
    [
      'another base',
      { ...now, base: { reference: 'reg.test/bases/b:1' } },
      {},
      'unconfirmed',
    ],
    ['a base after none', now, { base: undefined }, 'unconfirmed'],
    ['none after a base', scratch, {}, 'unconfirmed'],
  ])('%s', (_, facts, change, confidence) => {
    const known = { ...before, ...change };
    const completed = completeFacts(facts, known);
    expect(completed.detection).toEqual({ ...detection, confidence });
    expect(completed.base).toEqual(
      confidence === 'confirmed' ? known.base : facts.base,
    );
  });
});
