import type { Entity } from '@backstage/catalog-model';
import { renderTestApp } from '@backstage/frontend-test-utils';
import { createTestEntityPage } from '@backstage/plugin-catalog-react/testUtils';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FakeImglifeApi } from '../__fixtures__/FakeImglifeApi';
import { historyEntry, lineage } from '../__fixtures__/images';
import {
  applicationRow,
  baseRow,
  endedApplication,
  mirrorRow,
} from '../__fixtures__/rows';
import { imglifeApiRef } from '../api/imglifeApiRef';
import { imagesTab } from './index';

const entity: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: {
    name: 'pay',
    namespace: 'default',
    annotations: { 'imglife.io/images': 'registry.example.com/apps/pay' },
  },
  spec: { type: 'service' },
};

function render(api: FakeImglifeApi, of: Entity = entity) {
  return renderTestApp({
    extensions: [createTestEntityPage({ entity: of }), imagesTab],
    apis: [[imglifeApiRef, api as never]],
  });
}

describe('the tab of images', () => {
  let api: FakeImglifeApi;

  beforeEach(() => {
    api = new FakeImglifeApi();
    api.lineage = lineage();
    api.entityImages = {
      entityRef: 'component:default/pay',
      images: [
        endedApplication({ entityRef: null, owner: null }),
        applicationRow({
          repository: 'registry.example.com/apps/pay-worker',
          entityRef: null,
          owner: null,
        }),
      ],
      bases: [baseRow()],
      mirrors: [mirrorRow()],
    };
    api.history = [
      historyEntry({
        tag: '1.3.0',
        at: '2026-08-01T00:00:00.000Z',
        base: 'registry.example.com/bases/alpine:3.21.3-core1.0.0',
      }),
      historyEntry({ base: null }),
    ];
  });

  it('shows the three tiers below the component, and leads to each image', async () => {
    render(api);
    for (const [title, text] of [
      ['Images of this component', 'pay:1.2.0'],
      ['The bases they stand on', '3.24.1-core1.0.0'],
      ['The mirrors of those', 'mirrors/alpine'],
    ]) {
      const tier = within(await screen.findByRole('region', { name: title }));
      expect(await tier.findByText(text)).toBeInTheDocument();
    }
    api.mirrors = [mirrorRow()];
    await userEvent.click(screen.getByText('mirrors/alpine'));
    expect(
      await screen.findByRole('dialog', { name: 'mirrors/alpine:3.24.1' }),
    ).toBeInTheDocument();
  });

  it('shows each repository as a line and as a table, with what is to be built on', async () => {
    render(api);
    const builds = within(
      await screen.findByRole('region', { name: 'Builds of apps/pay' }),
    );
    expect(
      await builds.findByRole('img', {
        name: 'It stands on bases/alpine:3.21.3-core1.0.0; bases/alpine:3.24.1-core1.0.0 is to be built on next.',
      }),
    ).toBeInTheDocument();
    const lanes = builds.getAllByRole('listitem').map(lane => lane.textContent);
    expect(lanes).toEqual(['3.24.1-core1.0.0', '3.21.3-core1.0.0', 'none']);
    const [, newest, oldest] = builds.getAllByRole('row');
    expect(newest).toHaveTextContent('1.3.0');
    expect(newest).toHaveTextContent('bases/alpine:3.21.3-core1.0.0');
    expect(newest).toHaveTextContent('a3f8b1c0ffee');
    expect(oldest).toHaveTextContent('none');
    const others = within(
      screen.getByRole('region', { name: 'Builds of apps/pay-worker' }),
    );
    expect(
      await others.findByText('Nothing is recorded of it yet.'),
    ).toBeInTheDocument();
    expect(api.histories).toContainEqual({
      repository: 'registry.example.com/apps/pay',
      kind: 'registration',
      limit: 200,
    });
  });

  it('says that nothing newer is to be built on', async () => {
    api.entityImages!.images = [
      applicationRow({ entityRef: null, owner: null }),
    ];
    api.history = [historyEntry()];
    render(api);
    expect(
      await screen.findByRole('img', {
        name: 'It stands on bases/alpine:3.24.1-core1.0.0, and nothing newer is to be built on.',
      }),
    ).toBeInTheDocument();
  });

  it('pages the builds', async () => {
    api.entityImages!.images = [
      applicationRow({ entityRef: null, owner: null }),
    ];
    api.history = Array.from({ length: 201 }, (_, index) =>
      historyEntry({ tag: `1.${200 - index}.0` }),
    );
    render(api);
    await screen.findByText('1.200.0');
    expect(
      screen.getByText('Only the newest 200 are shown.'),
    ).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: /next/i }));
    expect(await screen.findByText('1.190.0')).toBeInTheDocument();
    expect(screen.queryByText('1.200.0')).not.toBeInTheDocument();
  });

  it('says what failed, and tries again', async () => {
    api.failure = new Error('the database is away');
    render(api);
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'the database is away',
    );
    api.failure = undefined;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(
      await screen.findByRole('region', { name: 'Images of this component' }),
    ).toBeInTheDocument();
  });

  it('says how to register where nothing is registered', async () => {
    api.entityImages!.images = [];
    render(api);
    expect(
      await screen.findByText(
        'npx @imglife/cli register --image IMAGE --entity component:default/pay',
      ),
    ).toBeInTheDocument();
    expect(screen.queryByText(/^Builds of/)).not.toBeInTheDocument();
  });

  it('is not on the page of what has no images', async () => {
    const read = jest.spyOn(api, 'getEntityImages');
    render(api, {
      ...entity,
      metadata: { name: 'pay', namespace: 'default' },
    });
    await new Promise(resolve => setTimeout(resolve, 500));
    await waitFor(() => expect(read).not.toHaveBeenCalled());
  });
});
