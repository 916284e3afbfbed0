import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { imglifeRunCreatePermission } from '@imglife/backstage-plugin-imglife-common';
import { screen, waitFor } from '@testing-library/react';
import { imglifeApiRef } from '../api/imglifeApiRef';
import { FakeImglifeApi } from '../__fixtures__/FakeImglifeApi';
import { RunButton } from './RunButton';

describe('RunButton', () => {
  it('is not there for those who may not start a run', async () => {
    const permissions = mockApis.permission({
      authorize: AuthorizeResult.DENY,
    });
    const authorize = jest.spyOn(permissions, 'authorize');
    renderInTestApp(
      <>
        <p>ready</p>
        <RunButton kind="sync" />
      </>,
      { apis: [[imglifeApiRef, new FakeImglifeApi() as never], permissions] },
    );
    expect(await screen.findByText('ready')).toBeInTheDocument();
    await waitFor(() =>
      expect(authorize).toHaveBeenCalledWith(
        expect.objectContaining({ permission: imglifeRunCreatePermission }),
      ),
    );
    expect(screen.queryByRole('button')).not.toBeInTheDocument();
  });
});
