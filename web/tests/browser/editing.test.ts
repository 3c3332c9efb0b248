/** Writing programs: languages, files, drafts, examples, keys. */
import { expect, test } from 'vitest';
import { choose, ended, flaws, open, output, picture, run, text, type, visitor } from './page';

test('a language is found by typing, and remembered', async () => {
  const page = await visitor();
  await open(page);
  await page.keyboard.press('ControlOrMeta+k');
  const search = page.getByRole('combobox', { name: 'Search languages' });
  await search.fill('golang');
  expect(await page.getByRole('option').count()).toBe(1);
  await search.fill('java');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await page.getByRole('button', { name: /^Java/ }).textContent()).toContain('21.');
  await page.goto('/');
  expect(await page.getByRole('button', { name: /^Java/ }).count()).toBe(1);
  // So is a version that is not the newest.
  await page.keyboard.press('ControlOrMeta+k');
  await search.fill('python 3.11');
  await page.keyboard.press('Enter');
  const python = page.getByRole('button', { name: /^Python 3\.11\./ });
  await python.waitFor();
  await page.goto('/');
  await python.waitFor();
});

test('a runtime that cannot be used says why, and is not chosen', async () => {
  const page = await visitor();
  await page.route('**/api/v1/runtimes', async (route) => {
    const answer = await route.fetch();
    const runtimes = await answer.json();
    runtimes.push({
      ...runtimes[0],
      id: 'lua-5.4',
      language: 'lua',
      aliases: [],
      name: 'Lua',
      status: 'unavailable',
      reason: 'its image cannot be built: no such package\nmore',
    });
    await route.fulfill({ json: runtimes });
  });
  await open(page);
  await page.keyboard.press('ControlOrMeta+k');
  await page.getByRole('combobox').fill('lua');
  const option = page.getByRole('option', { name: 'Lua' });
  expect(await option.textContent()).toContain('its image cannot be built: no such package');
  expect(await option.getAttribute('aria-disabled')).toBe('true');
  await picture(page, 'unavailable');
  expect(await flaws(page)).toEqual([]);
  await page.keyboard.press('Enter');
  expect(await page.getByRole('dialog').count()).toBe(1);
});

test('a program may be written while its image is prepared, and starts when it is ready', async () => {
  const page = await visitor();
  let preparing = true;
  await page.route('**/api/v1/runtimes', async (route) => {
    const answer = await route.fetch();
    const runtimes: { language: string; status: string; step?: string }[] = await answer.json();
    for (const runtime of runtimes) {
      if (preparing && runtime.language === 'python')
        Object.assign(runtime, { status: 'preparing', step: 'building the image' });
    }
    await route.fulfill({ json: runtimes });
  });
  await open(page, '/?language=python');
  await type(page, 'print("patience")');
  await page.keyboard.press('ControlOrMeta+k');
  const row = page.getByRole('option', { name: /^Python/ }).first();
  expect(await row.textContent()).toContain('building the image');
  expect(await flaws(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByText('is being prepared; the program starts when it is ready').first().waitFor();
  preparing = false;
  await ended(page);
  expect(await output(page)).toBe('patience');
});

test('work is kept over a reload, for each language by itself, and back and forward lead through it', async () => {
  const page = await visitor();
  await open(page);
  await choose(page, 'python');
  await type(page, '# my python');
  await choose(page, 'bash');
  await type(page, '# my shell');
  await page.getByRole('textbox', { name: 'Standard input' }).fill('given');
  await page.reload();
  expect(await text(page)).toBe('# my shell');
  expect(await page.getByRole('textbox', { name: 'Standard input' }).inputValue()).toBe('given');
  await page.goBack();
  await page.getByRole('button', { name: /^Python/ }).waitFor();
  expect(await text(page)).toBe('# my python');
  await page.goForward();
  await page.getByRole('button', { name: /^Bash/ }).waitFor();
  expect(await text(page)).toBe('# my shell');
});

test('a second tab that only looks at the work does not take back what was done in the first', async () => {
  const first = await visitor();
  await open(first, '/?language=python');
  await type(first, '# old');
  await first.getByRole('button', { name: 'Add a file' }).click();
  await first.getByRole('textbox', { name: 'Name' }).fill('util.py');
  await first.keyboard.press('Enter');
  await type(first, '# beside it');
  const kept = () => first.evaluate(() => localStorage.getItem('polyground:draft:python') ?? '');
  await expect.poll(kept).toContain('# beside it');
  const second = await first.context().newPage();
  await open(second, '/?language=python');
  await first.bringToFront();
  await first.getByRole('tab', { name: 'main.py' }).click();
  await type(first, '# new');
  await expect.poll(kept).toContain('# new');
  // Another file is looked at, the tab is left and comes back, and is closed.
  await second.bringToFront();
  await second.getByRole('tab', { name: 'main.py' }).click();
  await second.waitForTimeout(400);
  await second.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await second.goto('about:blank');
  expect(await kept()).toContain('# new');
  await second.goBack();
  await second.locator('.cm-content').waitFor();
  await second.close({ runBeforeUnload: true });
  await first.bringToFront();
  await first.reload();
  expect(await text(first)).toBe('# new');
  // What is done in the second is kept as ever.
  const third = await first.context().newPage();
  await open(third, '/?language=python');
  await type(third, '# newest');
  await third.goto('about:blank');
  expect(await kept()).toContain('# newest');
});

test('files are added, renamed, made the main one, removed and brought back', async () => {
  const page = await visitor();
  await open(page, '/?language=python');
  await type(page, 'from lib.util import answer\nprint(answer())');
  await page.getByRole('button', { name: 'Add a file' }).click();
  const name = page.getByRole('textbox', { name: 'Name' });
  for (const bad of ['', '../x', '/x', 'a//b', 'main.py', 'main.py/x', ' x']) {
    await name.fill(bad);
    await page.keyboard.press('Enter');
    expect(await page.getByRole('alert').textContent(), bad).not.toBe('');
  }
  await name.fill('lib/utl.py');
  await page.keyboard.press('Enter');
  await type(page, 'def answer():\n    return 42');
  await page.getByRole('tab', { name: 'lib/utl.py' }).press('F2');
  await name.fill('lib/util.py');
  await page.keyboard.press('Enter');
  expect(await run(page)).toBe('42');
  await picture(page, 'files');
  await page.getByRole('tab', { name: 'main.py' }).click();
  expect(await text(page)).toContain('from lib.util');
  await page.keyboard.press('Escape');
  await page.getByRole('tab', { name: 'lib/util.py' }).press('Delete');
  expect(await page.getByRole('tab').count()).toBe(1);
  await picture(page, 'removed');
  expect(await flaws(page)).toEqual([]);
  await page.getByRole('button', { name: 'Undo' }).click();
  expect(await page.getByRole('tab').count()).toBe(2);
  await page.getByRole('tab', { name: 'lib/util.py' }).click();
  await page.getByRole('button', { name: 'Rename, move or remove this file' }).click();
  await page.getByRole('button', { name: 'Make it the main file' }).click();
  expect(await page.getByRole('tab').first().textContent()).toContain('lib/util.py');
  expect(await run(page)).toBe('');
});

test('an example takes the program’s place and can give it back', async () => {
  const page = await visitor();
  await open(page, '/?language=python');
  await type(page, '# precious');
  await page.getByRole('button', { name: 'Examples' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^input/i })
    .click();
  expect(await run(page)).toBe("args: ['one', 'two words']\nsum: 321");
  await page.getByRole('button', { name: 'Bring it back' }).click();
  expect(await text(page)).toBe('# precious');
});

test('input and arguments reach the program', async () => {
  const page = await visitor();
  await open(page, '/?language=python');
  await type(page, 'import sys\nprint(sys.argv[1:], sys.stdin.read())');
  await page.getByRole('textbox', { name: 'Standard input' }).fill('line é');
  await page.getByRole('textbox', { name: 'Arguments' }).fill('one "two words"');
  expect(await run(page)).toBe("['one', 'two words'] line é");
});

test('vim keys come when they are chosen, and stay chosen', async () => {
  const page = await visitor();
  const loaded: string[] = [];
  page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
  await open(page, '/?language=python');
  await type(page, 'one\ntwo\nthree');
  await page.waitForTimeout(500);
  expect(loaded.filter((path) => path.includes('vim'))).toEqual([]);
  await page.getByRole('button', { name: 'Settings and shortcuts' }).click();
  await page.getByRole('checkbox', { name: 'Vim keys in the editor' }).check();
  await page.keyboard.press('Escape');
  await page.locator('.cm-vim-panel').waitFor();
  expect(loaded.filter((path) => path.includes('vim'))).not.toEqual([]);
  await page.locator('.cm-content').click();
  await page.keyboard.type('gg2dd');
  await page.keyboard.press('i');
  await page.keyboard.type('last ');
  await page.keyboard.press('Escape');
  expect(await page.locator('.cm-content').textContent()).toBe('last three');
  await page.keyboard.type(':nonsense');
  await picture(page, 'vim');
  expect(await flaws(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.reload();
  await page.locator('.cm-vim-panel').waitFor();
});

test('the editor colours what is typed, closes brackets and indents', async () => {
  const page = await visitor();
  await open(page, '/?language=python');
  await type(page, '');
  await page.keyboard.type('def f(x');
  await page.keyboard.press('End');
  await page.keyboard.type(':\nreturn "a');
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Backspace');
  await page.keyboard.type('f(1)');
  expect(await text(page)).toBe('def f(x):\n    return "a"\nf(1)');
  const color = (text: string) =>
    page
      .locator('.cm-line span', { hasText: text })
      .first()
      .evaluate((node) => getComputedStyle(node).color);
  await page.locator('.cm-line span', { hasText: 'def' }).first().waitFor();
  expect(new Set([await color('def'), await color('"a"'), await color('1')]).size).toBe(3);
});

test('the editor searches, and question mark shows the keys', async () => {
  const page = await visitor();
  await open(page, '/?language=python');
  await type(page, 'needle = 1\nhay = 2\nneedle = 3');
  await page.keyboard.press('ControlOrMeta+f');
  await page.locator('.cm-search input[name=search]').pressSequentially('needle');
  await page.waitForFunction(() => document.querySelectorAll('.cm-searchMatch').length === 2);
  await picture(page, 'search');
  expect(await flaws(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Examples' }).focus();
  await page.keyboard.press('?');
  await page.getByText('Run the program, or stop it').waitFor();
});

test('a theme is chosen and kept', async () => {
  const page = await visitor();
  await open(page);
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  // At first it is the system's, also when that changes.
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await ground()).not.toBe(light);
  await page.emulateMedia({ colorScheme: 'light' });
  expect(await ground()).toBe(light);
  await page.getByRole('button', { name: 'Settings and shortcuts' }).click();
  await page.getByRole('radio', { name: 'dark' }).check();
  const dark = await ground();
  expect(dark).not.toBe(light);
  await page.reload();
  expect(await ground()).toBe(dark);
  await page.getByRole('button', { name: 'Settings and shortcuts' }).click();
  await page.getByRole('radio', { name: 'system' }).check();
  expect(await ground()).toBe(light);
});
