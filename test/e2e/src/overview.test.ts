import { describeWithComponents } from '@imglife/test-registry';
import type { Browser, Page } from 'playwright-core';
import { accessibilityFaults } from './accessibilityFaults';
import { DemoPortal } from './DemoPortal';
import { expectEventually } from './expectEventually';
import { keepScreenshot } from './keepScreenshot';
import { launchChromium } from './launchChromium';

jest.setTimeout(420_000);

describeWithComponents(['chromium'], 'overview and activity', () => {
  let portal: DemoPortal;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    portal = await DemoPortal.start();
    browser = await launchChromium();
    page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
    page.setDefaultTimeout(30_000);
  });

  afterAll(async () => {
    await browser?.close();
    await portal?.stop();
  });

  const card = (name: RegExp, on: Page = page) =>
    on.getByRole('region', { name });

  /** Waits for a table and how many rows it says it has. */
  async function rowsTold(count: number, noun = 'image'): Promise<void> {
    const text = `${count} ${noun}${count === 1 ? '' : 's'}`;
    await page.getByText(text, { exact: true }).first().waitFor();
  }

  it('is the first thing one sees, and each count leads to its rows', async () => {
    await page.goto(`${portal.url}/imglife`);
    const counts = page.getByRole('list', { name: 'Applications by status' });
    await counts.waitFor();
    expect(new URL(page.url()).pathname).toBe('/imglife/overview');
    await card(/End of life/)
      .getByRole('link')
      .first()
      .waitFor();
    await keepScreenshot(page, 'overview');
    const critical = counts.getByRole('link', { name: /Critical/ });
    const count = Number.parseInt((await critical.textContent())!, 10);
    await critical.click();
    await page.waitForURL(/\/applications\?status=critical$/);
    await rowsTold(count);
  });

  it.each([
    ['End of life', /End of life/, /alpine 3\.21/],
    ['Adoption', /Adoption/, /alpine 3\.21/],
    ['Adoption', /Adoption/, /not one of our bases/],
  ])('leads from a bar of %s to as many applications', async (...bar) => {
    const [, name, text] = bar;
    await page.goto(`${portal.url}/imglife`);
    const link = card(name).getByRole('link', { name: text });
    const count = /(\d+) application/.exec(await link.innerText())?.[1];
    await link.click();
    await page.waitForURL(/\/applications\?/);
    expect(Number(count)).toBeGreaterThan(0);
    await rowsTold(Number(count));
  });

  it('leads from unused bases to as many bases', async () => {
    await page.goto(`${portal.url}/imglife`);
    const link = card(/Needs attention/).getByRole('link', {
      name: /nobody uses/,
    });
    const count = Number.parseInt((await link.textContent())!, 10);
    expect(count).toBeGreaterThan(0);
    await link.click();
    await page.waitForURL(/\/bases\?used=false&state=published/);
    await rowsTold(count);
    await page.getByText('used by nobody').waitFor();
  });

  it('tells who is affected to those without a mouse', async () => {
    await page.goto(`${portal.url}/imglife`);
    await card(/End of life/)
      .getByRole('link')
      .first()
      .waitFor();
    await card(/End of life/)
      .getByRole('button', { name: 'Show as table' })
      .focus();
    await page.keyboard.press('Tab');
    const tooltip = page.getByRole('tooltip');
    await expectEventually(async () =>
      expect(await tooltip.textContent()).toMatch(/\d application/),
    );
    await keepScreenshot(page, 'overview-who');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/applications\?base=/);
  });

  it.each(['light', 'dark'] as const)(
    'has no fault that axe can find, in %s',
    async colorScheme => {
      const other = await browser.newPage({
        colorScheme,
        viewport: { width: 1400, height: 1000 },
      });
      await other.goto(`${portal.url}/imglife`);
      await card(/End of life/, other)
        .getByRole('link')
        .first()
        .waitFor();
      await expectEventually(async () =>
        expect(await accessibilityFaults(other, 'main')).toEqual([]),
      );
      await keepScreenshot(other, `overview-${colorScheme}`);
      for (const name of [/End of life/, /Adoption/]) {
        await card(name, other)
          .getByRole('button', { name: 'Show as table' })
          .click();
        await card(name, other).getByRole('row').nth(1).waitFor();
      }
      await expectEventually(async () =>
        expect(await accessibilityFaults(other, 'main')).toEqual([]),
      );
      for (const view of ['runs', 'changes']) {
        await other.goto(`${portal.url}/imglife/activity?view=${view}`);
        await other.getByRole('row').nth(1).waitFor();
        await expectEventually(async () =>
          expect(await accessibilityFaults(other, 'main')).toEqual([]),
        );
        await keepScreenshot(other, `activity-${view}-${colorScheme}`);
      }
      await other.close();
    },
  );

  it.each(['overview', 'activity'])(
    'keeps the %s readable on a narrow screen',
    async tab => {
      const narrow = await browser.newPage({
        viewport: { width: 420, height: 860 },
      });
      await narrow.goto(`${portal.url}/imglife/${tab}`);
      await narrow.getByRole('main').getByText('alpine').first().waitFor();
      const overflow = await narrow.evaluate(
        () => document.documentElement.scrollWidth - window.innerWidth,
      );
      expect(overflow).toBeLessThanOrEqual(0);
      await keepScreenshot(narrow, `${tab}-narrow`);
      await narrow.close();
    },
  );

  it('pages and filters runs by the link alone, and goes back', async () => {
    await page.goto(`${portal.url}/imglife/activity?limit=5&kind=build`);
    const builds = async () => {
      const texts = await page.getByRole('rowheader').allTextContents();
      // while a table loads, its rows are there and empty
      expect(texts.map(text => text.slice(0, 5))).toEqual(
        Array.from({ length: 5 }, () => 'Build'),
      );
      return texts;
    };
    const first = await expectEventually(builds);
    await page.getByRole('button', { name: /next/i }).click();
    await page.waitForURL(/cursor=/);
    await page.getByRole('button', { name: /previous/i }).click();
    await expectEventually(async () => expect(await builds()).toEqual(first));
  });

  it('follows a run as it happens, with its log', async () => {
    await page.goto(`${portal.url}/imglife/activity`);
    await page.getByRole('row').nth(1).waitFor();
    portal.pauseRegistries();
    try {
      await page.getByRole('button', { name: 'Sync now' }).click();
      const running = page.getByRole('row').filter({ hasText: 'Running' });
      await running.first().waitFor();
      expect(await running.first().textContent()).toMatch(/guest/i);
      await running.first().focus();
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog', { name: 'Sync: everything' });
      await dialog.getByRole('progressbar').waitFor();
      await keepScreenshot(page, 'run');
      expect(await accessibilityFaults(page, '[role=dialog]')).toEqual([]);
      portal.resumeRegistries();
      await dialog.getByText('Succeeded', { exact: true }).waitFor();
      await dialog
        .getByRole('log')
        .getByText(/alpine/)
        .first()
        .waitFor();
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });
      expect(page.url()).not.toContain('run=');
    } finally {
      portal.resumeRegistries();
    }
  });

  it('cancels a run', async () => {
    await page.goto(`${portal.url}/imglife/activity`);
    await page.getByRole('row').nth(1).waitFor();
    portal.pauseRegistries();
    try {
      await page.getByRole('button', { name: 'Sync now' }).click();
      const running = page.getByRole('row').filter({ hasText: 'Running' });
      await running.first().getByRole('rowheader').click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: 'Cancel run' }).click();
      await dialog.getByText('Cancelled', { exact: true }).waitFor();
      await keepScreenshot(page, 'run-cancelled');
    } finally {
      portal.resumeRegistries();
    }
    await page.goto(`${portal.url}/imglife/activity?state=cancelled`);
    await rowsTold(1, 'run');
    expect(await page.getByRole('row').nth(1).textContent()).toContain(
      'Cancelled',
    );
  });
});
