import { describeWithComponents, pushImage } from '@imglife/test-registry';
import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { accessibilityFaults } from './accessibilityFaults';
import { DemoPortal } from './DemoPortal';
import { expectEventually } from './expectEventually';
import { keepScreenshot } from './keepScreenshot';
import { launchChromium } from './launchChromium';

jest.setTimeout(420_000);

const DIALOG = '[role=dialog]';
const platformToken = { authorization: 'Bearer demo-platform-token' };

describeWithComponents(['chromium'], 'images of the demo portal', () => {
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

  const linkTo = (tier: string, image: string) =>
    `${portal.url}/imglife/${tier}?${new URLSearchParams({ image })}`;

  const baseOf = (name: string) => `${portal.private}/bases/${name}`;

  /** Opens an image by its link and chooses what is to be done with it. */
  async function choose(tier: string, image: string, action: string) {
    await page.goto(linkTo(tier, image));
    await page.getByRole('button', { name: action, exact: true }).click();
    return page.getByRole('dialog');
  }

  it('opens an image from its row and closes it by the back button', async () => {
    await page.goto(`${portal.url}/imglife/applications?search=ledger`);
    await rowOf(page, 'ledger').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Expired').first().waitFor();
    expect(new URL(page.url()).searchParams.get('image')).toBe(
      `${portal.private}/apps/ledger:2.9.1`,
    );
    const history = dialog.getByRole('region', { name: 'History' });
    await history.getByText('Registered 2.9.1').waitFor();
    await keepScreenshot(page, 'image');
    const link = page.url();
    await page.goBack();
    await dialog.waitFor({ state: 'detached' });
    expect(new URL(page.url()).search).toBe('?search=ledger');

    const other = await browser.newPage();
    await other.goto(link);
    await other.getByRole('dialog').getByText('Facts').waitFor();
    await other.close();
  });

  it('leads from an application to its base, its mirror, and back', async () => {
    await page.goto(
      linkTo('applications', `${portal.private}/apps/ledger:2.9.1`),
    );
    const below = page.getByRole('region', { name: 'Built on' });
    const [base, mirror] = await expectEventually(async () => {
      const links = await below.getByRole('link', { name: /:3\.21/ }).all();
      expect(links).toHaveLength(2);
      return Promise.all(links.map(link => link.textContent()));
    });
    await below.getByRole('link', { name: base! }).click();
    await page.waitForURL(/\/imglife\/bases/);
    await page
      .getByRole('region', { name: /application.* on it/ })
      .getByRole('link', { name: /apps\/ledger/ })
      .waitFor();
    await page
      .getByRole('region', { name: 'Built on' })
      .getByRole('link', { name: mirror! })
      .click();
    await page.waitForURL(/\/imglife\/mirrors/);
    await page.getByRole('region', { name: /base.* follow/ }).waitFor();
    await page.goBack();
    await page.waitForURL(/\/imglife\/bases/);
  });

  it.each(['light', 'dark'] as const)(
    'has no fault that axe can find, in %s',
    async colorScheme => {
      const other = await browser.newPage({
        colorScheme,
        viewport: { width: 1400, height: 1100 },
      });
      for (const [tier, image] of [
        ['mirrors', `${portal.private}/mirrors/alpine:3.24.1`],
        ['bases', baseOf('alpine:3.24.1-core1.0.0')],
        ['applications', `${portal.private}/apps/ledger:2.9.1`],
        ['bases', baseOf('alpine:none')],
      ]) {
        await other.goto(linkTo(tier, image));
        await other
          .getByRole('dialog')
          .getByText(/^History|No base is named/)
          .first()
          .waitFor();
        await expectEventually(async () =>
          expect(await accessibilityFaults(other, DIALOG)).toEqual([]),
        );
      }
      await other.goto(linkTo('bases', baseOf('alpine:3.24.1-core1.0.0')));
      for (const [action, shown] of [
        ['Build…', 'Nothing is due.'],
        ['Withdraw…', 'Use instead'],
      ]) {
        await other.getByRole('button', { name: action }).click();
        await other.getByText(shown).waitFor();
        if (action === 'Withdraw…') {
          await other.getByRole('textbox', { name: /Reason/ }).fill('bad');
        }
        await expectEventually(async () =>
          expect(await accessibilityFaults(other, DIALOG)).toEqual([]),
        );
        await other.getByRole('button', { name: 'Back to the image' }).click();
      }
      await other.goto(`${portal.url}/catalog/default/component/ledger/images`);
      await other.getByRole('img', { name: /It stands on/ }).waitFor();
      await expectEventually(async () =>
        expect(await accessibilityFaults(other, 'main')).toEqual([]),
      );
      await keepScreenshot(other, `component-images-${colorScheme}`);
      await other.close();
    },
  );

  it('is read and left with the keyboard alone', async () => {
    await page.goto(`${portal.url}/imglife/bases?search=alpine`);
    await rowOf(page, '3.24.1-core1.0.0').first().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.getByText('To copy').waitFor();
    const focused = () =>
      page.evaluate(
        inside =>
          document.querySelector(inside)?.contains(document.activeElement),
        DIALOG,
      );
    for (let press = 0; press < 12; press++) {
      await page.keyboard.press('Tab');
      expect(await focused()).toBe(true);
    }
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expectEventually(async () =>
      expect(
        await page.evaluate(
          () => document.activeElement?.closest('[role=row]')?.textContent,
        ),
      ).toContain('core1.0.0'),
    );
  });

  it('keeps a narrow screen readable', async () => {
    const narrow = await browser.newPage({
      viewport: { width: 420, height: 860 },
    });
    for (const url of [
      linkTo('bases', baseOf('alpine:3.24.1-core1.0.0')),
      `${portal.url}/catalog/default/component/ledger/images`,
    ]) {
      await narrow.goto(url);
      await narrow
        .getByText(/To copy|Builds of/)
        .first()
        .waitFor();
      const overflow = await narrow.evaluate(inside => {
        const body = document.querySelector(`${inside} .bui-DialogBody`);
        return Math.max(
          document.documentElement.scrollWidth - window.innerWidth,
          body ? body.scrollWidth - body.clientWidth : 0,
        );
      }, DIALOG);
      expect(overflow).toBeLessThanOrEqual(0);
    }
    await narrow.close();
  });

  it('exports what the filters leave', async () => {
    await page.goto(`${portal.url}/imglife/applications?search=ledger`);
    await rowOf(page, 'ledger').waitFor();
    await page.getByRole('button', { name: 'Export' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(
      /^imglife-applications-.*\.csv$/,
    );
    const lines = (await readFile(await download.path(), 'utf8'))
      .trim()
      .split('\r\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^applications,.*apps\/ledger,2\.9\.1,/);
  });

  it('syncs a mirror after showing what it would copy', async () => {
    await pushImage(portal.upstream, {
      repository: 'library/debian',
      tag: '13.9',
      platforms: ['linux/amd64'],
    });
    const dialog = await choose(
      'mirrors',
      `${portal.private}/mirrors/debian:13.6`,
      'Sync…',
    );
    const item = dialog.getByRole('listitem').filter({ hasText: ':13.9' });
    await item.getByText(/copy · planned/).waitFor();
    await dialog.getByRole('button', { name: 'Sync now' }).click();
    await dialog.getByText('Done', { exact: true }).waitFor();
    await item.getByText(/copy · done/).waitFor();
    await page.goto(`${portal.url}/imglife/mirrors?search=debian%3A13.9`);
    expect(await rowOf(page, '13.9').textContent()).toContain('mirrors/debian');
  });

  it('builds a base after showing why', async () => {
    const dialog = await choose('bases', await baseLike('redis:8.0'), 'Build…');
    await dialog.getByText('Nothing is due.').waitFor();
    await dialog.getByText('Build also what is not due').click();
    await dialog.getByText('forced').first().waitFor();
    await dialog.getByRole('button', { name: 'Build now' }).click();
    await dialog.getByText('Done', { exact: true }).waitFor();
    expect(
      await dialog
        .getByRole('link', { name: 'Open the run' })
        .getAttribute('href'),
    ).toMatch(/\/imglife\/activity\?run=/);
  });

  it('accepts a moved tag, once what moved was shown', async () => {
    const { digest } = await pushImage(portal.upstream, {
      repository: 'library/nginx',
      tag: '1.30.4',
      platforms: ['linux/amd64'],
      layers: [{ 'etc/rebuilt': 'yes' }],
    });
    await runEnded({ kind: 'verify', target: 'nginx' });
    const reference = `${portal.private}/mirrors/nginx:1.30.4`;
    const dialog = await choose('mirrors', reference, 'Accept moved tag…');
    await dialog.getByText(digest).waitFor();
    await keepScreenshot(page, 'moved-tag');
    await dialog.getByRole('button', { name: 'Accept and copy' }).click();
    await dialog.getByText('Done', { exact: true }).waitFor();
    await dialog.getByRole('button', { name: 'Back to the image' }).click();
    await dialog.getByText(`${reference}@${digest}`, { exact: true }).waitFor();
    await dialog.getByText('OK', { exact: true }).waitFor();
    await expectEventually(async () =>
      expect(
        await page.getByRole('button', { name: 'Accept moved tag…' }).count(),
      ).toBe(0),
    );
  });

  it('withdraws a base, and its users learn why', async () => {
    const base = await baseLike('python:3.10');
    const dialog = await choose('bases', base, 'Withdraw…');
    await dialog
      .getByRole('textbox', { name: /Reason/ })
      .fill('its TLS is broken');
    await dialog.getByRole('button', { name: 'Withdraw it' }).click();
    await dialog.getByText('The base is withdrawn').waitFor();
    await dialog.getByRole('button', { name: 'Back to the image' }).click();
    await dialog.getByText(/^Withdrawn on .*its TLS is broken$/).waitFor();
    await expectEventually(async () => {
      await page.goto(
        `${portal.url}/imglife/applications?search=fraud-scoring`,
      );
      expect(await rowOf(page, 'fraud-scoring').textContent()).toMatch(
        /Withdrawn$/,
      );
    });
  });

  it('shows a component what it stands on, and a team what to look at', async () => {
    await page.goto(`${portal.url}/catalog/default/component/ledger`);
    await page.getByRole('link', { name: 'Images (1)' }).click();
    await page.waitForURL(/component\/ledger\/images$/);
    await page
      .getByRole('img', { name: /3\.24\.\d+-core1\.0\.0 is to be built on/ })
      .waitFor();
    await rowOf(page, 'mirrors/alpine').click();
    await page.getByRole('dialog').getByText('To copy').waitFor();
    await page.goBack();

    await page.goto(`${portal.url}/catalog/default/group/payments`);
    await page
      .getByRole('group', { name: 'Applications' })
      .getByRole('link', { name: /Critical \d/ })
      .click();
    await page.waitForURL(/owner=group/);
    expect(await rowOf(page, 'ledger').textContent()).toMatch(/Expired$/);
  });

  /** The one base whose reference begins like that. */
  async function baseLike(start: string): Promise<string> {
    const search = new URLSearchParams({ search: `bases/${start}` });
    const response = await fetch(
      `${portal.url}/api/imglife/v1/bases?${search}`,
      { headers: platformToken },
    );
    const { items } = await response.json();
    return items[0].reference;
  }

  /** Starts a run and waits for its end. */
  async function runEnded(request: object): Promise<void> {
    const runs = `${portal.url}/api/imglife/v1/runs`;
    const started = await fetch(runs, {
      method: 'POST',
      headers: { ...platformToken, 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    const { id } = await started.json();
    await expectEventually(async () => {
      const run = await fetch(`${runs}/${id}`, { headers: platformToken });
      expect((await run.json()).state).toBe('succeeded');
    });
  }
});

function rowOf(page: Page, text: string) {
  return page.getByRole('row').filter({ hasText: text });
}
