import { renderTestApp } from '@backstage/frontend-test-utils';
import { createTestEntityPage } from '@backstage/plugin-catalog-react/testUtils';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FakeImglifeApi } from '../__fixtures__/FakeImglifeApi';
import {
  applicationRow,
  baseRow,
  endedApplication,
} from '../__fixtures__/rows';
import { imglifeApiRef } from '../api/imglifeApiRef';
import { imglifePlugin } from '../plugin';

function render(api: FakeImglifeApi, kind = 'Group') {
  return renderTestApp({
    features: [imglifePlugin],
    extensions: [
      createTestEntityPage({
        entity: {
          apiVersion: 'backstage.io/v1alpha1',
          kind,
          metadata: { name: 'payments', namespace: 'default' },
          spec: { type: 'team' },
        },
      }),
    ],
    apis: [[imglifeApiRef, api as never]],
  });
}

describe('the card of a team', () => {
  let api: FakeImglifeApi;

  beforeEach(() => {
    api = new FakeImglifeApi();
  });

  it('counts what needs a look, and leads to it', async () => {
    api.applications = [
      endedApplication(),
      endedApplication({ tag: '2' }),
      applicationRow({ tag: '3' }),
    ];
    render(api);
    const applications = within(
      await screen.findByRole('group', { name: 'Applications' }),
    );
    expect(
      applications.getByRole('link', { name: 'Critical 2' }),
    ).toHaveAttribute(
      'href',
      '/imglife/applications?owner=group%3Adefault%2Fpayments&status=critical',
    );
    expect(applications.getByRole('link', { name: 'OK 1' })).toBeVisible();
    expect(applications.queryByText(/Warning/)).not.toBeInTheDocument();
    expect(screen.queryByRole('group', { name: 'Bases' })).toBeNull();
    expect(api.queries).toContainEqual({
      owner: 'group:default/payments',
      status: 'unknown',
      limit: 1,
    });
  });

  it('counts the bases it keeps', async () => {
    api.bases = [baseRow()];
    render(api);
    expect(
      within(await screen.findByRole('group', { name: 'Bases' })).getByRole(
        'link',
        { name: 'OK 1' },
      ),
    ).toHaveAttribute(
      'href',
      '/imglife/bases?owner=group%3Adefault%2Fpayments&status=ok',
    );
  });

  it('says what to do where there are none', async () => {
    render(api);
    expect(
      await screen.findByText(/No image of this team is registered yet/),
    ).toBeInTheDocument();
  });

  it('says what failed, and tries again', async () => {
    api.failure = new Error('the database is away');
    render(api);
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'the database is away',
    );
    api.failure = undefined;
    api.applications = [applicationRow()];
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(
      await screen.findByRole('group', { name: 'Applications' }),
    ).toBeInTheDocument();
  });

  it('is on the page of no one else', async () => {
    render(api, 'User');
    await new Promise(resolve => setTimeout(resolve, 500));
    expect(screen.queryByText('Images of this team')).not.toBeInTheDocument();
  });
});
