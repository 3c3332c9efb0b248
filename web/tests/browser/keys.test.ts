/** A server that is not open to everyone, as its visitors see it. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Own } from './own';
import { complaints, open, run, visitor } from './page';
import { BINARY } from './server';

const server = new Own("read -p 'Name? ' name; echo hello $name");

beforeAll(() => server.start('--anonymous', 'none'));
afterAll(() => server.stop());

test('who has no key is told so, and who gives one can run and talk to programs', async () => {
  const page = await visitor();
  await open(page, `${server.address}/`);
  await run(page);
  const outcome = page.locator('.outcome');
  expect(await outcome.textContent()).toContain('API key required');
  expect(await outcome.textContent()).toContain('scope `run`');
  // The browser tells of every answer of 401.
  expect(complaints.splice(0).every((text) => text.includes('401'))).toBe(true);

  const key = execFileSync(BINARY, [
    'keys',
    'create',
    '--name',
    'page',
    '--scope',
    'run',
    '--database',
    server.database,
  ]);
  await page.getByRole('button', { name: 'Settings and shortcuts' }).click();
  await page.getByLabel('API key').fill(key.toString());
  await page.keyboard.press('Tab');
  await page.keyboard.press('Escape');
  expect(await run(page)).toContain('hello');

  await page.reload();
  await page.getByRole('button', { name: 'Interactive' }).click();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const screen = page.locator('.xterm-rows');
  await expect.poll(() => screen.textContent(), { timeout: 15_000 }).toContain('Name?');
  await page.keyboard.type('Ada\n');
  await expect.poll(() => screen.textContent(), { timeout: 15_000 }).toContain('hello Ada');
});
