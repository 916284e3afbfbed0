import { describeWithComponents, pushImage } from '@imglife/test-registry';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { accessibilityFaults } from './accessibilityFaults';
import { DemoPortal } from './DemoPortal';
import { endedRun } from './endedRun';
import { expectEventually } from './expectEventually';
import { keepScreenshot } from './keepScreenshot';
import { launchChromium } from './launchChromium';

jest.setTimeout(420_000);

const platformToken = { authorization: 'Bearer demo-platform-token' };

describeWithComponents(['chromium', 'skopeo'], 'the demo portal', () => {
  let portal: DemoPortal;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    portal = await DemoPortal.start();
    browser = await launchChromium();
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(30_000);
  });

  afterAll(async () => {
    await browser?.close();
    await portal?.stop();
  });

  it('copies byte for byte', async () => {
    const raw = async (registry: string, repository: string) => {
      const { stdout } = await promisify(execFile)('skopeo', [
        'inspect',
        '--raw',
        '--tls-verify=false',
        `docker://${registry}/${repository}:3.24.1`,
      ]);
      return stdout;
    };
    const mirrored = await raw(portal.private, 'mirrors/alpine');
    expect(mirrored).toBe(await raw(portal.upstream, 'library/alpine'));
    expect(JSON.parse(mirrored).manifests).toHaveLength(3);
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

  it('finds the owners once the catalog knows the components', async () => {
    await expectEventually(async () => {
      const response = await fetch(
        `${portal.url}/api/imglife/v1/applications?owner=group:default/payments`,
        { headers: platformToken },
      );
      const { items } = await response.json();
      const names = items.map((row: { entityRef: string }) => row.entityRef);
      expect(names).toContain('component:default/ledger');
    });
  });

  it('shows the catalog of the demo', async () => {
    await page.goto(`${portal.url}/`);
    const link = page.getByRole('link', { name: 'checkout-api' }).first();
    await link.waitFor();
    expect(await link.getAttribute('href')).toContain('checkout-api');
  });

  it('shows three tiers, each with its images and their status', async () => {
    await page.goto(`${portal.url}/imglife/mirrors`);
    await rowOf(page, 'mirrors/alpine').first().waitFor();
    expect(await texts(page, 'tab')).toEqual([
      'Overview',
      'Mirrors',
      'Bases',
      'Applications',
      'Activity',
    ]);
    await keepScreenshot(page, 'mirrors');

    await page.getByRole('tab', { name: 'Bases' }).click();
    await rowOf(page, '3.24.1-core1.0.0').first().waitFor();
    await keepScreenshot(page, 'bases');

    await page.getByRole('tab', { name: 'Applications' }).click();
    await rowOf(page, 'ledger').waitFor();
    expect(await rowOf(page, 'ledger').textContent()).toMatch(/Expired$/);
    expect(await rowOf(page, 'image-resizer').textContent()).toMatch(
      /Unmanaged$/,
    );
    expect(await rowOf(page, 'checkout-api').textContent()).toMatch(/OK$/);
    await keepScreenshot(page, 'applications');
  });

  it('pages, sorts and filters by the link alone, and goes back', async () => {
    await page.goto(`${portal.url}/imglife/mirrors`);
    await rowOf(page, 'mirrors/alpine').first().waitFor();
    const first = await rowHeaders(page);
    expect(first).toHaveLength(20);
    await page.getByRole('button', { name: /next/i }).click();
    await page.waitForURL(/cursor=/);
    await expectEventually(async () => {
      const second = await rowHeaders(page);
      expect(second.length).toBeGreaterThan(0);
      expect(second.filter(row => first.includes(row))).toEqual([]);
    });
    await page.goBack();
    await expectEventually(async () =>
      expect(await rowHeaders(page)).toEqual(first),
    );

    await page.getByRole('searchbox').fill('debian');
    await expectEventually(async () => {
      const rows = await rowHeaders(page);
      expect(rows.length).toBeGreaterThan(1);
      expect(rows.every(row => row.includes('mirrors/debian'))).toBe(true);
    });
    await page.getByRole('columnheader', { name: 'End of life' }).click();
    await page.waitForURL(/orderBy=eolDate/);
    const link = page.url();
    const sorted = await expectEventually(async () => {
      const days = await cellsOf(page, /^\d{4}-\d\d-\d\d/);
      expect(days).toEqual([...days].sort());
      return days;
    });

    const other = await browser.newPage();
    await other.goto(link);
    await expectEventually(async () =>
      expect(await cellsOf(other, /^\d{4}-\d\d-\d\d/)).toEqual(sorted),
    );
    await other.close();
  });

  it('tells a component what its image stands on and what to change', async () => {
    await page.goto(`${portal.url}/catalog/default/component/ledger`);
    const card = page.locator('.bui-Card', { hasText: 'Base image' }).first();
    await card.getByText('Expired').waitFor();
    expect(await card.textContent()).toMatch(
      /ledger:2\.9\.1 on alpine 3\.21\.\d+-core1\.0\.0/,
    );
    expect(await card.textContent()).toContain(
      `BASE_IMAGE=${portal.private}/bases/alpine:3.24.1-core1.0.0`,
    );
    await keepScreenshot(page, 'component');
  });

  it.each(['light', 'dark'] as const)(
    'has no fault that axe can find, in %s',
    async colorScheme => {
      const other = await browser.newPage({ colorScheme });
      for (const tier of ['mirrors', 'bases', 'applications?base=alpine']) {
        await other.goto(`${portal.url}/imglife/${tier}`);
        await rowOf(other, 'alpine').first().waitFor();
        // rows fade in: what is pale for a moment is no fault
        await expectEventually(async () =>
          expect(await accessibilityFaults(other, 'main')).toEqual([]),
        );
      }
      await keepScreenshot(other, `applications-of-a-base-${colorScheme}`);
      await other.goto(`${portal.url}/catalog/default/component/ledger`);
      await other.getByText('Expired').first().waitFor();
      expect(await accessibilityFaults(other, '.bui-Card:has(code)')).toEqual(
        [],
      );
      await other.close();
    },
  );

  it('is read with the keyboard alone', async () => {
    await page.goto(`${portal.url}/imglife/mirrors`);
    await rowOf(page, 'mirrors/alpine').first().waitFor();
    await page.getByRole('searchbox').focus();
    await page.keyboard.type('golang');
    await expectEventually(async () =>
      expect((await rowHeaders(page)).join()).not.toContain('alpine:'),
    );
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await page.waitForURL(/status=critical/);
  });

  it('keeps a narrow screen readable', async () => {
    const narrow = await browser.newPage({
      viewport: { width: 420, height: 860 },
    });
    await narrow.goto(`${portal.url}/imglife/applications`);
    await rowOf(narrow, 'ledger').waitFor();
    const overflow = await narrow.evaluate(
      () => document.documentElement.scrollWidth - window.innerWidth,
    );
    expect(overflow).toBeLessThanOrEqual(0);
    await keepScreenshot(narrow, 'narrow');
    await narrow.close();
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
    const run = await endedRun(
      `${portal.url}/api/imglife/v1/runs/${id}`,
      platformToken,
    );
    expect(run).toMatchObject({ state: 'succeeded' });
    expect(run.items).toMatchObject([
      { reference: `${portal.private}/mirrors/alpine:3.24.9`, action: 'copy' },
    ]);
    await page.goto(`${portal.url}/imglife/mirrors?search=alpine%3A3.24.9`);
    await rowOf(page, '3.24.9').waitFor();
  });
});

function rowOf(page: Page, text: string) {
  return page.getByRole('row').filter({ hasText: text });
}

function texts(page: Page, role: 'tab' | 'rowheader' | 'gridcell') {
  return page.getByRole(role).allTextContents();
}

function rowHeaders(page: Page): Promise<string[]> {
  return texts(page, 'rowheader');
}

/** The texts of cells that look like something, in the order shown. */
async function cellsOf(page: Page, pattern: RegExp): Promise<string[]> {
  const cells = await texts(page, 'gridcell');
  return cells.flatMap(text => pattern.exec(text)?.[0] ?? []);
}
