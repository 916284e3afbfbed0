import { decideBuild, type PublishedInputs } from './buildReasons';
import type { InputHashes } from './inputHash';

const inputs: InputHashes = {
  mirror: 'sha256:1',
  coreVersion: '1.0.0',
  template: 't',
  context: 'c',
  arguments: 'a',
  platforms: 'linux/amd64',
};

function base(
  change: Partial<Omit<PublishedInputs, 'inputs'>> = {},
  changedInputs: Partial<InputHashes> = {},
): PublishedInputs {
  return {
    tag: '3.21.3-core1.0.0',
    upstreamTag: '3.21.3',
    versionKey: '3 1',
    inputHash: JSON.stringify(changedInputs),
    ...change,
    inputs: { ...inputs, ...changedInputs },
  };
}

const older = base({ tag: '3.20.1-core1.0.0', upstreamTag: '3.20.1' });
const raised = { tag: '3.21.3-core1.1.0', versionKey: '3 2' };

describe('decideBuild', () => {
  it.each<[string, PublishedInputs, PublishedInputs[], string[]]>([
    ['nothing is published', base(), [], ['first-build']],
    ['another tag is', base(), [older], ['new-upstream-tag']],
    [
      'coreVersion was raised',
      base(raised, { coreVersion: '1.1.0' }),
      [base(), older],
      ['core-version'],
    ],
    [
      'coreVersion was raised for a template',
      base(raised, { coreVersion: '1.1.0', template: 't2' }),
      [older, base()],
      ['core-version', 'template'],
    ],
    [
      'the format of its tags is another',
      base({ tag: '3.21.3-org1.0.0' }, { template: 't2' }),
      [older, base()],
      ['tag-format', 'template'],
    ],
    ['the mirror moved', base({}, { mirror: 'x' }), [base()], ['mirror-moved']],
    [
      'the mirror moved and has more platforms',
      base({}, { mirror: 'x', platforms: 'y' }),
      [base()],
      ['mirror-moved', 'platforms'],
    ],
  ])('builds when %s', (_, wanted, published, reasons) => {
    expect(decideBuild(wanted, published, { force: false })).toEqual({
      action: 'build',
      reasons,
    });
  });

  it.each<[string, Partial<InputHashes>, string[]]>([
    ['the template', { template: 't2' }, ['template']],
    ['the context', { context: 'c2' }, ['context']],
    ['an argument', { arguments: 'a2' }, ['arguments']],
    ['the platforms', { platforms: 'p2' }, ['platforms']],
    ['the compression', { compression: 'zstd' }, ['compression']],
    [
      'mirror and template',
      { mirror: 'sha256:2', template: 't2' },
      ['mirror-moved', 'template'],
    ],
  ])('is blocked when %s changed under a version', (_, change, reasons) => {
    for (const force of [false, true]) {
      expect(decideBuild(base({}, change), [base()], { force })).toEqual({
        action: 'blocked',
        reasons,
      });
    }
  });

  it('builds the same inputs only when forced', () => {
    expect(decideBuild(base(), [base()], { force: false })).toEqual({
      action: 'none',
    });
    expect(decideBuild(base(), [base()], { force: true })).toEqual({
      action: 'build',
      reasons: ['forced'],
    });
  });

  it('is blocked by what renders anew although nothing changed', () => {
    const wanted = base({ inputHash: 'another' });
    expect(decideBuild(wanted, [base()], { force: false })).toEqual({
      action: 'blocked',
      reasons: ['template'],
    });
  });
});
