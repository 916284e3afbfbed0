import { describeWithComponents, pushImage } from '@imglife/test-registry';
import { Browser, chromium, Page } from 'playwright-core';
import { DemoPortal } from './DemoPortal';

jest.setTimeout(240_000);

const CHROMIUM = '/usr/bin/chromium';
const platformToken = { authorization: 'Bearer demo-platform-token' };

describeWithComponents(['chromium', 'skopeo'], 'the demo portal', () => {
  let portal: DemoPortal;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    portal = await DemoPortal.start();
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    });
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(30_000);
  });

  afterAll(async () => {
    await browser?.close();
    await portal?.stop();
  });

  it('judges every kind of application', async () => {
    const response = await fetch(
      `${portal.url}/api/imglife/v1/applications?limit=500`,
      { headers: platformToken },
    );
    const { items } = await response.json();
    const verdicts = new Map(
      items.map(
        (row: { repository: string; freshness: string; support: string }) => [
          row.repository.split('/').at(-1),
          `${row.freshness}, ${row.support}`,
        ],
      ),
    );
    expect(Object.fromEntries(verdicts)).toMatchObject({
      'checkout-api': 'current, supported',
      newsletter: 'outdated, supported',
      'query-gateway': expect.stringContaining('ending'),
      ledger: expect.stringContaining('ended'),
      'image-resizer': 'unmanaged, supported',
      'log-shipper': 'none, unknown',
    });
  });

  it('shows the catalog of the demo', async () => {
    await page.goto(`${portal.url}/`);
    const link = page.getByRole('link', { name: 'checkout-api' }).first();
    await link.waitFor();
    expect(await link.getAttribute('href')).toContain('checkout-api');
  });

  it('syncs a new upstream tag when asked', async () => {
    await pushImage(portal.upstream, {
      repository: 'library/alpine',
      tag: '3.24.9',
      platforms: ['linux/amd64'],
    });
    const started = await fetch(`${portal.url}/api/imglife/v1/runs`, {
      method: 'POST',
      headers: { ...platformToken, 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'sync', target: 'alpine' }),
    });
    expect(started.status).toBe(202);
    const { id } = await started.json();
    const run = await ended(`${portal.url}/api/imglife/v1/runs/${id}`);
    expect(run).toMatchObject({ state: 'succeeded' });
    expect(run.items).toMatchObject([
      { reference: `${portal.private}/mirrors/alpine:3.24.9`, action: 'copy' },
    ]);
  });
});

async function ended(
  url: string,
): Promise<{ state: string; items: unknown[] }> {
  for (;;) {
    const response = await fetch(url, { headers: platformToken });
    const run = await response.json();
    if (!['queued', 'running'].includes(run.state)) {
      return run;
    }
    await new Promise(resolve => setTimeout(resolve, 500));
  }
}
