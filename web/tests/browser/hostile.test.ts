/** Programs, outputs, names and links that try to become part of the page. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { address, choose, complaints, open, run, type, visitor } from './page';

const ATTACK = `"'><img src=x onerror="window.hit=1"><script>window.hit=1</script><svg onload="window.hit=1">{@html 1}`;

async function unhurt(page: Page): Promise<void> {
  await page.waitForTimeout(200);
  expect(await page.evaluate(() => 'hit' in window)).toBe(false);
  expect(await page.locator('img[src="x"]').count()).toBe(0);
  expect(await page.evaluate(() => document.querySelectorAll('script:not([src])').length)).toBe(0);
}

test('source and output stay text', async () => {
  const page = await visitor();
  await open(page, '/?language=python');
  await type(
    page,
    `print(${JSON.stringify(ATTACK)})\nimport sys\nsys.stderr.write(${JSON.stringify(`File "main.py", line 1 ${ATTACK}`)})\nraise ValueError(${JSON.stringify(ATTACK)})`,
  );
  expect(await run(page)).toContain(ATTACK);
  await unhurt(page);
});

test('titles, names of files, queries and fragments stay text', async () => {
  const page = await visitor();
  const query = new URLSearchParams({
    language: 'python',
    code: ATTACK,
    title: ATTACK,
    file: ATTACK,
    stdin: ATTACK,
    args: ATTACK,
  });
  await open(page, `/?${query}`);
  await unhurt(page);
  await page.getByRole('button', { name: 'Rename, move or remove this file' }).click();
  await unhurt(page);
  await page.keyboard.press('Escape');
  await page.goto(`/?language=${encodeURIComponent(ATTACK)}#${encodeURIComponent(ATTACK)}`);
  await page.locator('.cm-content').waitFor();
  await unhurt(page);
  await page.goto(`/s/${encodeURIComponent(ATTACK)}`);
  await unhurt(page);
  complaints.splice(0, complaints.length, ...complaints.filter((line) => !line.includes('404')));
});

test('what the server says stays text', async () => {
  const page = await visitor();
  await page.route('**/api/v1/runtimes', async (route) => {
    const runtimes = await (await route.fetch()).json();
    for (const runtime of runtimes) Object.assign(runtime, { name: ATTACK, reason: ATTACK, step: ATTACK });
    runtimes[0].status = 'unavailable';
    await route.fulfill({ json: runtimes });
  });
  await open(page, '/?language=bash');
  await page.keyboard.press('ControlOrMeta+k');
  await page.getByRole('option').first().waitFor();
  await unhurt(page);
});

test('the page runs no script but its own', async () => {
  const page = await visitor();
  await open(page);
  await choose(page, 'python');
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.hit = 1';
    document.body.append(script);
    const picture = document.createElement('img');
    picture.setAttribute('onerror', 'window.hit = 1');
    picture.src = 'data:,';
    document.body.append(picture);
  });
  await page.waitForTimeout(200);
  expect(await page.evaluate(() => 'hit' in window)).toBe(false);
  expect(complaints.some((line) => line.includes('Content Security Policy'))).toBe(true);
  complaints.length = 0;
});

test('the page loads nothing from elsewhere', async () => {
  const page = await visitor();
  const foreign: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(address()) && !request.url().startsWith('data:'))
      foreign.push(request.url());
  });
  await open(page);
  await page.waitForTimeout(1500);
  expect(foreign).toEqual([]);
});
