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
  const summaries = Object.values(description.paths).flatMap((operations) =>
    Object.values(operations).map(({ summary }) => summary),
  );
  expect(summaries.length).toBeGreaterThan(10);
  const navigation = page.locator('nav');
  for (const summary of summaries) {
    await navigation.getByText(summary, { exact: true }).first().waitFor({ state: 'attached' });
  }
  await picture(page, 'api-docs');
  // One of them with its answers.
  await navigation.getByText('Run a snippet again', { exact: true }).first().click();
  await page.getByText('does it still give what was recorded').first().waitFor();
  await page.getByText('422').first().waitFor();
  await picture(page, 'api-docs-operation');
  expect(elsewhere).toEqual([]);
});
