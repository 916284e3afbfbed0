import type { Entity } from '@backstage/catalog-model';
import { renderTestApp } from '@backstage/frontend-test-utils';
import { createTestEntityPage } from '@backstage/plugin-catalog-react/testUtils';
import type { ApplicationRow } from '@imglife/backstage-plugin-imglife-common';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { imglifeApiRef } from '../api/imglifeApiRef';
import { FakeImglifeApi } from '../__fixtures__/FakeImglifeApi';
import { applicationRow, endedApplication } from '../__fixtures__/rows';
import { baseImageCard } from './index';

const annotated: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: {
    name: 'pay',
    namespace: 'default',
    annotations: { 'imglife.io/images': 'registry.example.com/apps/pay' },
  },
  spec: { type: 'service' },
};

function render(api: FakeImglifeApi, entity: Entity = annotated) {
  return renderTestApp({
    extensions: [createTestEntityPage({ entity }), baseImageCard],
    apis: [[imglifeApiRef, api as never]],
  });
}

function withImages(images: ApplicationRow[]): FakeImglifeApi {
  const api = new FakeImglifeApi();
  api.entityImages = {
    entityRef: 'component:default/pay',
    images,
    bases: [],
    mirrors: [],
  };
  return api;
}

describe('the base image card', () => {
  it('says what an ended image stands on, and what to build on next', async () => {
    render(withImages([endedApplication()]));
    expect(await screen.findByText('Expired')).toBeInTheDocument();
    expect(screen.getByText('pay:1.2.0')).toBeInTheDocument();
    expect(screen.getByText('alpine 3.21.3-core1.0.0')).toBeInTheDocument();
    expect(screen.getByText(/Newer in 3\.21:/)).toHaveTextContent(
      '3.21.7-core1.0.0',
    );
    expect(screen.getByText(/Newest:/)).toHaveTextContent('3.24.1-core1.0.0');
    // its cycle has ended: the newest of it is no cure
    expect(
      screen.getByText(
        'BASE_IMAGE=registry.example.com/bases/alpine:3.24.1-core1.0.0',
      ),
    ).toBeInTheDocument();
    expect(
      screen.getByText(
        'built 2026-07-01 from a3f8b1c0ffee · detected from layers, confirmed · registered by service:demo-ci',
      ),
    ).toBeInTheDocument();
  });

  it('copies the base to build on', async () => {
    const user = userEvent.setup();
    const write = jest
      .spyOn(navigator.clipboard, 'writeText')
      .mockResolvedValue(undefined);
    render(withImages([endedApplication()]));
    await user.click(await screen.findByRole('button', { name: 'Copy' }));
    expect(
      await screen.findByRole('button', { name: 'Copied' }),
    ).toBeInTheDocument();
    expect(write).toHaveBeenCalledWith(
      'BASE_IMAGE=registry.example.com/bases/alpine:3.24.1-core1.0.0',
    );
  });

  it('asks for nothing where nothing is to be done', async () => {
    render(withImages([applicationRow()]));
    expect(await screen.findByText('OK')).toBeInTheDocument();
    expect(screen.queryByText(/BASE_IMAGE/)).not.toBeInTheDocument();
    expect(screen.queryByText(/Newest/)).not.toBeInTheDocument();
  });

  it('stays in the cycle while that is supported', async () => {
    render(
      withImages([
        endedApplication({ support: 'supported', status: 'warning' }),
      ]),
    );
    expect(
      await screen.findByText(
        'BASE_IMAGE=registry.example.com/bases/alpine:3.21.7-core1.0.0',
      ),
    ).toBeInTheDocument();
  });

  it('folds the other images below the worst', async () => {
    render(
      withImages([
        endedApplication(),
        applicationRow({ repository: 'registry.example.com/apps/pay-worker' }),
        applicationRow({ repository: 'registry.example.com/apps/pay-cron' }),
      ]),
    );
    const more = await screen.findByRole('button', { name: '2 more images' });
    expect(more).toHaveAttribute('aria-expanded', 'false');
    await userEvent.click(more);
    expect(screen.getByText('pay-worker:1.2.0')).toBeVisible();
  });

  it.each([
    [
      'an exemption',
      { exemption: { until: '2026-12-24', reason: 'vendor image' } },
      'Exempt until 2026-12-24: vendor image',
    ],
    ['a grace', { graceUntil: '2026-12-01' }, 'Counts from 2026-12-01 on'],
    [
      'an unmanaged base',
      { freshness: 'unmanaged' as const },
      /does not stand on one of the published bases/,
    ],
    [
      'a wrong declaration',
      {
        detection: {
          method: 'declared' as const,
          confidence: 'unconfirmed' as const,
          mismatch: true,
          candidates: [],
        },
      },
      /not what the layers stand on/,
    ],
    [
      'platforms on different bases',
      {
        platformBases: [
          {
            platform: 'linux/amd64',
            base: null,
            freshness: 'unknown' as const,
            support: 'unknown' as const,
            eolDate: null,
            status: 'unknown' as const,
            violations: [],
          },
        ],
      },
      'linux/amd64: on no known base · Unknown',
    ],
    [
      'squashed layers',
      { notes: ['no base found: the image is squashed'] },
      /the image is squashed/,
    ],
    [
      'what nobody registered',
      { state: 'discovered' as const },
      /found in its registry, registered by nobody$/,
    ],
    ['no base', { base: null, freshness: 'none' as const }, 'on no known base'],
  ])('tells of %s', async (_name, change, text) => {
    render(withImages([endedApplication(change)]));
    expect(await screen.findByText(text)).toBeInTheDocument();
  });

  it('says how to register where nothing is registered', async () => {
    render(withImages([]));
    expect(
      await screen.findByText(
        'npx @imglife/cli register --image IMAGE --entity component:default/pay',
      ),
    ).toBeInTheDocument();
  });

  it('says what failed, and tries again', async () => {
    const api = withImages([applicationRow()]);
    api.failure = new Error('not allowed');
    render(api);
    expect(await screen.findByRole('alert')).toHaveTextContent('not allowed');
    api.failure = undefined;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('OK')).toBeInTheDocument();
  });

  describe('without the annotation', () => {
    const { annotations: _, ...metadata } = annotated.metadata;

    it('is on the page of what depends on an image', async () => {
      render(withImages([applicationRow()]), {
        ...annotated,
        metadata,
        relations: [
          { type: 'dependsOn', targetRef: 'resource:imglife/pay-1234' },
        ],
      });
      expect(await screen.findByText('Base image')).toBeInTheDocument();
    });

    it.each([
      ['depends on another resource', 'dependsOn', 'resource:default/db'],
      ['an image depends on', 'dependencyOf', 'resource:imglife/pay-1234'],
    ])('is not on the page of what %s', async (_name, type, targetRef) => {
      const shown = render(withImages([applicationRow()]), {
        ...annotated,
        metadata,
        relations: [{ type, targetRef }],
      });
      await new Promise(resolve => setTimeout(resolve, 500));
      expect(shown.queryByText('Base image')).not.toBeInTheDocument();
    });
  });
});
