/** Everything that can be done here, done with a thumb on a small screen. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { address, ended, flaws, open, output, PHONE, picture, run, text, type, visitor } from './page';
import { openWith, shows } from './terminal';

const small = () => visitor({ size: PHONE });

/** Nothing is cut off at the side or must be pushed there. */
async function fits(page: Page): Promise<void> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide, 'the page is wider than the screen').toBeLessThanOrEqual(0);
}

const press = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' }).tap();

test('a language is chosen on a phone, an example run, with input and arguments of one’s own', async () => {
  const page = await small();
  await open(page, '/?language=bash');
  await press(page, /^Bash/);
  await page.getByRole('combobox', { name: 'Search languages' }).fill('pyth');
  await fits(page);
  await page
    .getByRole('option', { name: /^Python/ })
    .first()
    .tap();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: /^Python/ }).waitFor();
  await press(page, 'Examples');
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^input/i })
    .tap();
  await press(page, /^Input and arguments/);
  await page.getByRole('textbox', { name: 'Arguments' }).fill('three "four five"');
  await page.getByRole('textbox', { name: 'Standard input' }).fill('4\n5\n');
  await picture(page, 'phone-inputs');
  await fits(page);
  expect(await flaws(page)).toEqual([]);
  await press(page, /^Input and arguments/);
  await page.getByText('has input and arguments').waitFor();
  expect(await run(page)).toBe("args: ['three', 'four five']\nsum: 9");
});

test('files are added, renamed, made the main one, removed and brought back on a phone', async () => {
  const page = await small();
  await open(page, '/?language=bash');
  await type(page, 'echo first');
  const name = page.getByRole('textbox', { name: 'Name', exact: true });
  const tabs = page.getByRole('tab');
  await press(page, 'Add a file');
  await name.fill('a-long-name-for-a-file-on-a-phone/sceond.sh');
  await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).tap();
  await type(page, 'echo second');
  await press(page, 'Rename, move or remove this file');
  await name.fill('a-long-name-for-a-file-on-a-phone/second.sh');
  await press(page, 'Rename');
  await picture(page, 'phone-files');
  await fits(page);
  await press(page, 'Rename, move or remove this file');
  await press(page, 'Make it the main file');
  expect(await run(page)).toBe('second');
  await tabs.nth(1).tap();
  await press(page, 'Rename, move or remove this file');
  await press(page, 'Remove');
  expect(await tabs.count()).toBe(1);
  await picture(page, 'phone-removed');
  await press(page, 'Undo');
  expect(await tabs.count()).toBe(2);
  await tabs.nth(1).tap();
  expect(await text(page)).toBe('echo first');
});

test('output comes as it is written on a phone, and the program can be stopped', async () => {
  const page = await small();
  await open(page, '/?language=python');
  await type(page, 'import time\nfor n in range(99):\n    print("step", n, flush=True)\n    time.sleep(0.1)');
  await press(page, 'Run');
  await page.locator('.output .line', { hasText: 'step 3' }).waitFor();
  await fits(page);
  await press(page, 'Stop');
  await ended(page);
  expect(await page.locator('.outcome .text').textContent()).toBe('Stopped');
  expect(await output(page)).toContain('step 0\nstep 1');
  await press(page, 'Copy');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('step 2');
  await press(page, 'Clear');
  expect(await output(page)).toBe('');
});

test('a program is given a title on a phone, opened there by its link, and forked', async () => {
  const page = await small();
  await open(page, '/?language=bash');
  await type(
    page,
    'mkdir -p out; printf "a,b\\n1,2\\n" > out/table.csv; echo "<h1>A page</h1>" > out/page.html; echo made',
  );
  await run(page);
  await press(page, 'Share');
  const link = page.getByRole('textbox', { name: 'Link' });
  const untitled = await link.inputValue();
  await page.getByRole('textbox', { name: 'Title' }).fill('On a phone');
  await picture(page, 'phone-title');
  expect(await flaws(page)).toEqual([]);
  await press(page, 'Save with this title');
  await expect.poll(() => link.inputValue()).not.toBe(untitled);
  await page.getByRole('button', { name: 'Save with this title' }).waitFor({ state: 'detached' });
  await page.getByText('sees the recorded output at once').waitFor();
  const id = (await link.inputValue()).split('/').pop();
  const saved = async (id = '') => (await fetch(`${address()}/api/v1/snippets/${id}`)).json();
  expect(await saved(id)).toMatchObject({ title: 'On a phone', run: { outcome: 'succeeded' } });

  const other = await small();
  await open(other, `/s/${id}`);
  await other.getByText('Recorded', { exact: true }).waitFor();
  expect(await other.title()).toBe('On a phone – Polyground');
  // What it left behind is shown, and can be taken.
  await other.locator('td', { hasText: '2' }).scrollIntoViewIfNeeded();
  await other.frameLocator('figure iframe').getByRole('heading', { name: 'A page' }).waitFor();
  await picture(other, 'phone-artifacts');
  expect(await flaws(other)).toEqual([]);
  await fits(other);
  const download = other.waitForEvent('download');
  await other.getByRole('link', { name: 'Download table.csv' }).tap();
  expect((await download).suggestedFilename()).toBe('table.csv');
  await type(other, 'echo mine');
  await press(other, 'Fork');
  await other.getByText('This is your own copy now.').waitFor();
  await picture(other, 'phone-forked');
  await fits(other);
  const fork = await saved(new URL(other.url()).pathname.split('/').pop());
  expect(fork).toMatchObject({ title: 'On a phone', files: [{ content: 'echo mine' }] });
  // Its parent is unlisted: whoever has the fork's link is not given that one, too.
  expect(fork.parent).toBeUndefined();

  // In a frame of a narrow page.
  await open(other, `/embed/${id}`);
  await other.getByText('Recorded', { exact: true }).waitFor();
  await press(other, 'Run');
  await ended(other);
  expect(await output(other)).toBe('made');
  await picture(other, 'phone-embed');
  await fits(other);
  expect(await flaws(other)).toEqual([]);
});

test('a day on a phone: files, an error, a fix, a link, its output', async () => {
  const page = await visitor({ size: PHONE });
  await open(page, '/?language=python');
  await type(page, 'import util\nprint(util.total([1, 2]))');
  await page.getByRole('button', { name: 'Add a file' }).tap();
  await page.getByRole('textbox', { name: 'Name' }).fill('util.py');
  await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).tap();
  await type(page, 'def total(numbers):\n    return sum(number)');
  await page.getByRole('tab', { name: 'main.py' }).tap();
  await page.getByRole('button', { name: 'Run', exact: true }).tap();
  await page.locator('.output .place', { hasText: 'util.py' }).tap();
  expect(await page.getByRole('tab', { name: 'util.py' }).getAttribute('aria-selected')).toBe('true');
  await page.locator('.cm-message').getByText('NameError').waitFor();
  await picture(page, 'phone-error');
  await type(page, 'def total(numbers):\n    return sum(numbers)');
  expect(await run(page)).toBe('3');
  await page.getByRole('button', { name: 'Share' }).tap();
  const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
  await picture(page, 'phone-shared');
  expect(await flaws(page)).toEqual([]);
  const other = await visitor({ size: PHONE, dark: true });
  await open(other, new URL(link).pathname);
  await other.getByText('Recorded', { exact: true }).waitFor();
  await picture(other, 'phone-recorded');
  expect(await flaws(other)).toEqual([]);
  for (const shown of [page, other]) await fits(shown);
});

test('keys that a screen’s keyboard lacks are pressed on a phone', async () => {
  const page = await small();
  await openWith(page, 'bash', 'exec bash --norc --noprofile -i');
  await press(page, 'Run');
  await shows(page, /\$ ?$/);
  const key = (name: string) => page.getByRole('button', { name, exact: true }).tap();
  await page.keyboard.type('echo first');
  await page.keyboard.press('Enter');
  await shows(page, /\nfirst\n/);
  await key('Arrow up');
  await shows(page, /echo first$/);
  for (let step = 0; step < 5; step++) await key('Arrow left');
  await key('Arrow right');
  await page.keyboard.type('X');
  await page.keyboard.press('Enter');
  await shows(page, /\nfXirst\n/);
  await key('Arrow up');
  await key('Arrow down');
  await page.keyboard.type('sleep 60');
  await page.keyboard.press('Enter');
  await key('Ctrl-C: interrupt');
  await page.keyboard.type('echo "ended with $?"');
  await page.keyboard.press('Enter');
  await shows(page, /\nended with 130\n/);
  await picture(page, 'phone-keys');
  await fits(page);
  const row = page.getByRole('group', { name: 'Keys for the program' });
  expect(await row.evaluate((node) => node.scrollWidth - node.clientWidth), 'keys are cut off').toBe(0);
  expect(await flaws(page)).toEqual([]);
  await page.keyboard.type('cat -vt');
  await page.keyboard.press('Enter');
  await key('Esc');
  await key('Tab');
  await page.keyboard.type('x');
  await page.keyboard.press('Enter');
  await shows(page, '^[^Ix');
  await key('Ctrl-D: end of input');
  await shows(page, /\$ ?$/);
  await key('Ctrl-D: end of input');
  await ended(page);
  expect(await page.getByRole('group', { name: 'Keys for the program' }).count()).toBe(0);
});

test('programs are talked to on a phone', async () => {
  const page = await visitor({ size: PHONE, dark: true });
  await openWith(
    page,
    'python',
    'for n in range(3):\n    print(f"\\033[9{n + 1}m{n}\\033[0m", input("? ").upper())\nimport pathlib\npathlib.Path("out").mkdir(exist_ok=True)\n' +
      'pathlib.Path("out/said.txt").write_text("said")',
  );
  await page.getByRole('button', { name: 'Run', exact: true }).tap();
  await shows(page, /^\? ?$/);
  await page.keyboard.type('one');
  await page.keyboard.press('Enter');
  await shows(page, '0 ONE');
  await picture(page, 'interactive-phone');
  expect(await flaws(page)).toEqual([]);
  for (const line of ['two', 'three']) {
    await page.keyboard.type(line);
    await page.keyboard.press('Enter');
  }
  await ended(page);
  await page.getByRole('link', { name: 'Download said.txt' }).waitFor();
  await picture(page, 'interactive-phone-end');
  await fits(page);
});
