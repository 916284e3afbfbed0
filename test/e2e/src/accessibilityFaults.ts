import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/**
 * What axe finds wrong inside an element, one line each. The rules on
 * landmarks are about whole pages, of which the frame is not ours.
 */
export async function accessibilityFaults(
  page: Page,
  selector: string,
): Promise<string[]> {
  await page.evaluate(axeSource);
  return page.evaluate(async inside => {
    const { axe } = window as unknown as {
      axe: {
        run(
          context: unknown,
          options: unknown,
        ): Promise<{
          violations: Array<{
            id: string;
            nodes: Array<{ html: string; failureSummary?: string }>;
          }>;
        }>;
      };
    };
    const { violations } = await axe.run(
      { include: [inside] },
      { rules: { region: { enabled: false } } },
    );
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(node => `${id}: ${node.html} ${node.failureSummary ?? ''}`),
    );
  }, selector);
}
