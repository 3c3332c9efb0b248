/** What keeps nobody out: contrast, names, keyboard, small screens, no surprises while loading. */
import { expect, test } from 'vitest';
import { choose, DESKTOP, flaws, open, PHONE, picture, run, type, visitor } from './page';

const FAILS = `import sys

def mean(numbers):
    """The middle of them."""
    return sum(numbers) / len(numbers)

print("\\033[32mok\\033[0m  ", mean([3, 1, 4, 1, 5]))
print("\\033[1;33mbut\\033[0m  ", mean([]))
`;

for (const [name, size] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
  for (const theme of ['light', 'dark']) {
    test(`nothing keeps anybody out on a ${name}, ${theme}`, async () => {
      const page = await visitor({ size, dark: theme === 'dark' });
      await open(page);
      await choose(page, 'python');
      await picture(page, `${name}-${theme}-start`);
      expect(await flaws(page)).toEqual([]);
      await type(page, FAILS);
      await run(page);
      await picture(page, `${name}-${theme}-error`);
      expect(await flaws(page)).toEqual([]);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wide, 'the page is wider than the screen').toBeLessThanOrEqual(0);

      await page.getByRole('button', { name: /^Python/ }).click();
      await page.getByRole('dialog').waitFor();
      await picture(page, `${name}-${theme}-languages`);
      expect(await flaws(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Settings and shortcuts' }).click();
      await page.getByRole('heading', { name: 'Keys' }).waitFor();
      await picture(page, `${name}-${theme}-settings`);
      expect(await flaws(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Examples' }).click();
      await page.getByRole('dialog').waitFor();
      await picture(page, `${name}-${theme}-examples`);
      expect(await flaws(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Add a file' }).click();
      await page.getByRole('dialog').waitFor();
      expect(await flaws(page)).toEqual([]);
    });
  }
}

test('everything can be done by keyboard alone', async () => {
  const page = await visitor();
  await open(page);
  await choose(page, 'python');
  // Into the editor, write, and out again.
  await page.locator('.cm-content').focus();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('print(40 + 2)');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  const left = await page.evaluate(() => document.activeElement?.closest('.cm-editor') === null);
  expect(left, 'Escape and Tab lead out of the editor').toBe(true);
  await page.keyboard.press('ControlOrMeta+Enter');
  await page.locator('.outcome.good').waitFor();
  expect(await page.getByRole('status').filter({ hasText: 'Finished' }).textContent()).toBe(
    'Finished. 1 line of output.',
  );
  // Every control is reached by Tab, in one round.
  const reached = new Set<string>();
  for (let step = 0; step < 40; step++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => document.activeElement?.closest('.cm-editor') != null))
      await page.keyboard.press('Escape');
    reached.add(
      await page.evaluate(() => {
        const at = document.activeElement as HTMLElement | null;
        return at?.getAttribute('aria-label') ?? at?.textContent?.trim().replace(/\s+/g, ' ') ?? '';
      }),
    );
  }
  for (const name of [
    'Share',
    'Run',
    'Settings and shortcuts',
    'Title',
    'Examples',
    'Add a file',
    'Copy',
    'Clear',
    'What the program wrote',
  ]) {
    expect([...reached], name).toContain(name);
  }
});

test('the page does not jump while it loads, and says its first word soon', async () => {
  const page = await visitor();
  await page.addInitScript(() => {
    const seen = { shift: 0 };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.shift += (entry as unknown as { value: number }).value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  const begun = Date.now();
  await open(page);
  const shift = await page.evaluate(() => (window as unknown as { seen: { shift: number } }).seen.shift);
  expect(shift).toBeLessThan(0.005);
  await page.keyboard.press('ControlOrMeta+Enter');
  await page.locator('.output .line').first().waitFor();
  const took = Date.now() - begun;
  console.info(`from a cold open to the first output: ${took} ms`);
  // The aim is 1.5 s; machines that run other things at the same time get more.
  expect(took).toBeLessThan(6000);
});
