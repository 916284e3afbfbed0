import { verdictNotification, type VerdictThread } from './verdictNotification';

const OWNER = 'group:default/team-a';
const OUTDATED = {
  reference: 'reg.test/apps/shop:1.2.0',
  status: 'critical' as const,
  freshness: 'outdated',
  support: 'supported',
  eolDate: '2026-11-01',
};
const THREAD: VerdictThread = {
  owner: OWNER,
  base: 'alpine',
  cycle: '3.21',
  latest: 'reg.test/bases/alpine:3.21.7-core1.2.0',
  counts: { critical: 1, warning: 0, unknown: 0, ok: 0 },
  images: [OUTDATED],
};

function told(change: Partial<VerdictThread>) {
  const { payload, recipients } = verdictNotification({ ...THREAD, ...change });
  return { ...payload, recipients };
}

describe('verdictNotification', () => {
  it('names what is wrong, with which images, and what to do', () => {
    expect(told({})).toEqual({
      recipients: { type: 'entity', entityRef: OWNER },
      title: '1 image on alpine 3.21: outdated',
      description:
        'reg.test/apps/shop:1.2.0. End of life: 2026-11-01. Build on reg.test/bases/alpine:3.21.7-core1.2.0.',
      link: '/imglife/applications?owner=group%3Adefault%2Fteam-a&base=alpine%3A3.21',
      severity: 'critical',
      topic: 'imglife',
      scope: 'imglife:verdict:group:default/team-a:alpine 3.21',
    });
  });

  it('counts what it does not list', () => {
    const counts = { critical: 30, warning: 12, unknown: 0, ok: 5 };
    const { title, description } = told({ counts });
    expect(title).toBe('42 images on alpine 3.21: outdated');
    expect(description).toContain('shop:1.2.0 and 41 more.');
  });

  it('says each problem once', () => {
    const images = [
      OUTDATED,
      { ...OUTDATED, support: 'ended' },
      { ...OUTDATED, status: 'warning' as const, freshness: 'rebuilt' },
      {
        ...OUTDATED,
        status: 'warning' as const,
        freshness: 'current',
        support: 'ending',
      },
      { ...OUTDATED, status: 'ok' as const, freshness: 'withdrawn' },
    ];
    expect(told({ images }).title).toMatch(
      /: outdated, end of life reached, rebuilt, end of life near$/,
    );
  });

  it.each([
    [{ critical: 1, warning: 2, unknown: 0, ok: 0 }, 'critical'],
    [{ critical: 0, warning: 2, unknown: 1, ok: 0 }, 'normal'],
    [{ critical: 0, warning: 0, unknown: 1, ok: 3 }, 'low'],
  ])('of %j is %s', (counts, severity) => {
    expect(told({ counts }).severity).toBe(severity);
  });

  it('tells that all is well again', () => {
    const counts = { critical: 0, warning: 0, unknown: 0, ok: 3 };
    expect(told({ counts, images: [] })).toMatchObject({
      title: '3 images on alpine 3.21: nothing to do any more',
      description: undefined,
      severity: 'low',
    });
  });

  it('links to what is none of our bases by its repository', () => {
    const { link, title } = told({
      base: 'docker.io/library/alpine',
      cycle: null,
      latest: null,
    });
    expect(title).toContain('on docker.io/library/alpine:');
    expect(link).toContain('base=docker.io%2Flibrary%2Falpine');
  });
});
