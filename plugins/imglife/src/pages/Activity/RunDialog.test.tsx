import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { imglifeRunCancelPermission } from '@imglife/backstage-plugin-imglife-common';
import { screen, waitFor } from '@testing-library/react';
import { FakeImglifeApi } from '../../__fixtures__/FakeImglifeApi';
import { runRow } from '../../__fixtures__/rows';
import { imglifeApiRef } from '../../api/imglifeApiRef';
import { RunDialog } from './RunDialog';

// permissions are cached for a whole file, so that this one has its own
it('does not let those cancel a run who may not', async () => {
  const permissions = mockApis.permission({ authorize: AuthorizeResult.DENY });
  const authorize = jest.spyOn(permissions, 'authorize');
  const api = new FakeImglifeApi();
  api.run = runRow({ state: 'running', finishedAt: null });
  renderInTestApp(<RunDialog id="run-1" onClose={() => {}} />, {
    apis: [[imglifeApiRef, api as never], permissions],
  });
  expect(await screen.findByRole('progressbar')).toBeInTheDocument();
  await waitFor(() =>
    expect(authorize).toHaveBeenCalledWith(
      expect.objectContaining({ permission: imglifeRunCancelPermission }),
    ),
  );
  expect(
    screen.queryByRole('button', { name: 'Cancel run' }),
  ).not.toBeInTheDocument();
});
