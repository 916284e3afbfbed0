import path from 'node:path';
import type { Page } from 'playwright-core';

const SETTLE_MS = 600;

/**
 * Keeps a picture of the page in the folder named by `IMGLIFE_SCREENSHOTS`;
 * does nothing without it.
 */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  const folder = process.env.IMGLIFE_SCREENSHOTS;
  if (folder) {
    // what fades in is whole by then
    await page.waitForTimeout(SETTLE_MS);
    await page.screenshot({ path: path.join(folder, `${name}.png`) });
  }
}
