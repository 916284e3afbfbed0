import { CliHarness } from '../testing/CliHarness';

const cli = CliHarness.create();
beforeEach(cli.start);
afterEach(cli.stop);

const IMAGE = 'registry.example.com:5000/apps/shop:1.0';

it('asks the portal to forget an image', async () => {
  cli.portal.answer = () => ({ status: 204 });
  const { code, stdout } = await cli.run(['forget', IMAGE]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: `forgot ${IMAGE}\n` });
  expect(cli.portal.requests).toMatchObject([{ method: 'DELETE' }]);
  expect(cli.portal.requests[0].path).toMatch(
    /^\/api\/imglife\/v1\/registrations\?image=/,
  );
  expect(cli.lastQuery).toEqual({ image: IMAGE });
});

it('ends with 2 for one that is not known', async () => {
  cli.portal.answer = () => ({
    status: 404,
    body: { error: { message: 'no such image' } },
  });
  const { code, stderr } = await cli.run(['forget', IMAGE]);
  expect(code).toBe(2);
  expect(stderr).toBe('imglife: the portal answered 404: no such image\n');
});
