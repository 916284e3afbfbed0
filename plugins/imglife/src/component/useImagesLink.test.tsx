import { renderInTestApp } from '@backstage/frontend-test-utils';
import { EntityProvider } from '@backstage/plugin-catalog-react';
import { screen } from '@testing-library/react';
import { FakeImglifeApi } from '../__fixtures__/FakeImglifeApi';
import { applicationRow, endedApplication } from '../__fixtures__/rows';
import { imglifeApiRef } from '../api/imglifeApiRef';
import { entityImagesRouteRef } from '../routes';
import { useImagesLink } from './useImagesLink';

function Link() {
  const { label, href, title } = useImagesLink();
  return (
    <a href={href} title={title}>
      {label}
    </a>
  );
}

describe('useImagesLink', () => {
  it.each([
    [[endedApplication(), applicationRow()], 'Images (1)'],
    [[applicationRow()], 'Images'],
    [[], 'Images'],
  ])('tells how many there are to look at: %#', async (images, label) => {
    const api = new FakeImglifeApi();
    api.entityImages = {
      entityRef: 'component:default/pay',
      images,
      bases: [],
      mirrors: [],
    };
    renderInTestApp(
      <EntityProvider
        entity={{
          apiVersion: 'backstage.io/v1alpha1',
          kind: 'Component',
          metadata: { name: 'pay' },
        }}
      >
        <Link />
      </EntityProvider>,
      {
        apis: [[imglifeApiRef, api as never]],
        mountedRoutes: {
          '/catalog/:namespace/:kind/:name/images': entityImagesRouteRef,
        },
      },
    );
    expect(await screen.findByRole('link', { name: label })).toHaveAttribute(
      'href',
      '/catalog/default/component/pay/images',
    );
  });
});
