/** The API's documentation for people, on a machine without the internet. */
import { expect, test } from 'vitest';
import { address, DESKTOP, picture, visitor } from './page';

test('the API’s documentation shows every operation without asking any other host', async () => {
  const page = await visitor({ size: DESKTOP });
  const elsewhere: string[] = [];
  await page.context().route('**/*', (route) => {
    const url = new URL(route.request().url());
    if (url.origin === address() || url.protocol === 'data:') return route.continue();
    elsewhere.push(url.href);
    return route.abort();
  });
  await page.goto('/api/docs');
  const description: { paths: Record<string, Record<string, { summary: string }>> } = await (
    await fetch(`${address()}/api/v1/openapi.json`)
  ).json();
  const described = Object.values(description.paths).flatMap((operations) =>
    Object.entries(operations).map(([method, { summary }]) => `${method.toUpperCase()} ${summary}`),
  );
  expect(described.length).toBeGreaterThan(10);
  const operations = page.locator('.nav-bar-path');
  const shown = async () =>
    (await operations.allTextContents()).map((text) => text.trim().split(/\s+/).join(' ')).sort();
  await expect.poll(shown, { timeout: 10_000 }).toEqual(described.sort());
  await picture(page, 'api-docs');
  // One of them with its answers.
  await operations.filter({ hasText: 'Run a snippet again' }).click();
  await page.getByText('does it still give what was recorded').first().waitFor();
  await page.getByText('429', { exact: true }).first().waitFor();
  await picture(page, 'api-docs-operation');
  expect(elsewhere).toEqual([]);
});
