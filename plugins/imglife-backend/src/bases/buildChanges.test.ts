import { buildChanges } from './buildChanges';
import type { PublishedInputs } from './buildReasons';

function inputs(change: Partial<PublishedInputs> = {}): PublishedInputs {
  return {
    tag: '3.21.3-core1.0.0',
    upstreamTag: '3.21.3',
    versionKey: '3.21.3 1.0.0',
    inputHash: 'h',
    inputs: {
      mirror: 'sha256:old',
      coreVersion: '1.0.0',
      template: 't1',
      context: 'c1',
      arguments: 'a1',
      platforms: 'linux/amd64',
    },
    ...change,
  };
}

const moved = inputs({
  inputs: {
    mirror: 'sha256:new',
    coreVersion: '1.1.0',
    template: 't2',
    context: 'c2',
    arguments: 'a2',
    platforms: 'linux/amd64,linux/arm64',
  },
});

describe('buildChanges', () => {
  it('gives old and new value of every input', () => {
    expect(
      buildChanges(
        [
          'mirror-moved',
          'core-version',
          'template',
          'context',
          'arguments',
          'platforms',
          'forced',
        ],
        moved,
        [inputs()],
      ),
    ).toEqual([
      { reason: 'mirror-moved', from: 'sha256:old', to: 'sha256:new' },
      { reason: 'core-version', from: '1.0.0', to: '1.1.0' },
      { reason: 'template', from: 't1', to: 't2' },
      { reason: 'context', from: 'c1', to: 'c2' },
      { reason: 'arguments', from: 'a1', to: 'a2' },
      {
        reason: 'platforms',
        from: 'linux/amd64',
        to: 'linux/amd64,linux/arm64',
      },
      { reason: 'forced', from: null, to: null },
    ]);
  });

  it('knows that bases from before there was a choice are gzip', () => {
    const zstd = inputs({
      inputs: { ...inputs().inputs, compression: 'zstd' },
    });
    expect(buildChanges(['compression'], zstd, [inputs()])).toEqual([
      { reason: 'compression', from: 'gzip', to: 'zstd' },
    ]);
    expect(buildChanges(['compression'], inputs(), [zstd])).toEqual([
      { reason: 'compression', from: 'zstd', to: 'gzip' },
    ]);
  });

  it('compares with the same tag, the same upstream tag, the newest', () => {
    const older = inputs({
      tag: '3.21.2-core1.0.0',
      upstreamTag: '3.21.2',
      versionKey: '3.21.2 1.0.0',
    });
    const raised = inputs({ tag: '3.21.3-core1.1.0', inputs: moved.inputs });
    expect(buildChanges(['core-version'], raised, [older, inputs()])).toEqual([
      { reason: 'core-version', from: '1.0.0', to: '1.1.0' },
    ]);
    const next = inputs({ tag: '3.21.4-core1.0.0', upstreamTag: '3.21.4' });
    expect(buildChanges(['new-upstream-tag'], next, [older, inputs()])).toEqual(
      [{ reason: 'new-upstream-tag', from: '3.21.3', to: '3.21.4' }],
    );
    const renamed = inputs({ tag: '3.21.3-org1.0.0' });
    expect(buildChanges(['tag-format'], renamed, [older, inputs()])).toEqual([
      { reason: 'tag-format', from: '3.21.3-core1.0.0', to: '3.21.3-org1.0.0' },
    ]);
    expect(buildChanges(['first-build'], next, [])).toEqual([
      { reason: 'first-build', from: null, to: '3.21.4' },
    ]);
  });
});
