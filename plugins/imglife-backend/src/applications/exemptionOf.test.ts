import type { ExemptionDefinition } from '../definitions/Definitions';
import { exemptionOf, type ExemptionSubject } from './exemptionOf';

const subject: ExemptionSubject = {
  image: 'reg.test/apps/shop:1.0',
  project: 'team/shop',
  base: 'reg.test/bases/alpine:3.21.3-core1.0.0',
};

describe('exemptionOf', () => {
  it.each<[string, Partial<ExemptionDefinition>, boolean]>([
    ['the image', { image: 'reg.test/apps/shop' }, true],
    ['another image', { image: 'reg.test/apps/shopping' }, false],
    ['the project', { project: 'team/*' }, true],
    ['another project', { project: 'other/*' }, false],
    ['the base', { base: 'reg.test/bases/alpine:3.21.*' }, true],
    ['another base', { base: 'reg.test/bases/alpine:3.22.*' }, false],
    ['all three', { image: '*', project: 'team/shop', base: '*' }, true],
    ['two of three', { image: '*', project: 'other', base: '*' }, false],
  ])('%s', (_, patterns, expected) => {
    const exemption = { until: '2026-12-31', reason: 'frozen', ...patterns };
    expect(
      exemptionOf(subject, [exemption], new Date('2026-06-01T00:00:00Z')),
    ).toEqual(expected ? { until: '2026-12-31', reason: 'frozen' } : undefined);
  });

  it.each(['image', 'project', 'base'] as const)(
    'a pattern for the %s matches nothing that has none',
    key => {
      expect(
        exemptionOf(
          { ...subject, [key]: undefined },
          [{ until: '2026-12-31', reason: 'frozen', [key]: '*' }],
          new Date('2026-06-01T00:00:00Z'),
        ),
      ).toBeUndefined();
    },
  );

  it.each([
    ['2026-06-01T23:59:59.999Z', 'first'],
    ['2026-06-02T00:00:00.000Z', 'second'],
    ['2026-06-03T00:00:00.000Z', undefined],
  ])('at %s the %s counts', (now, reason) => {
    const exemptions = [
      { image: '*', until: '2026-06-01', reason: 'first' },
      { image: '*', until: '2026-06-02', reason: 'second' },
    ];
    expect(exemptionOf(subject, exemptions, new Date(now))?.reason).toBe(
      reason,
    );
  });
});
