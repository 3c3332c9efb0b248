/** Links: with and without the server's help. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { address, complaints, flaws, open, output, picture, run, text, type, visitor } from './page';

/** What the server has kept under a link. */
async function kept(link: string): Promise<Record<string, unknown>> {
  return (await fetch(`${address()}/api/v1/snippets/${link.split('/').pop()}`)).json();
}

/** Shares the program and gives its link. */
async function share(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Share' }).click();
  return page.getByRole('textbox', { name: 'Link' }).inputValue();
}

/** Takes the browser's own lines, about answers of 404 or other requests that failed, out of the complaints. */
function forgive(what = /404/): void {
  complaints.splice(0, complaints.length, ...complaints.filter((line) => !what.test(line)));
}

test('a program is saved, opened, changed and forked', async () => {
  const page = await visitor();
  await open(page, '/?language=python');
  await type(page, 'print("shared")');
  await page.getByRole('textbox', { name: 'Title' }).fill('My program');
  const link = await share(page);
  expect(link).toMatch(/\/s\/[\w-]{6,}$/);
  await page.getByText('No output is shown with it').waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(link);
  expect(await kept(link)).toMatchObject({
    language: 'python',
    title: 'My program',
    files: [{ name: 'main.py', content: 'print("shared")' }],
  });
  await page.keyboard.press('Escape');

  const other = await visitor();
  await open(other, new URL(link).pathname);
  expect(await text(other)).toBe('print("shared")');
  expect(await other.title()).toContain('My program');
  expect(await output(other)).toBe('');

  // Changed work is kept beside the link, and the original can be had again.
  await page.goto(link);
  await open(page, new URL(link).pathname);
  await type(page, 'print("changed")');
  await page.reload();
  await page.getByRole('button', { name: 'Show the original' }).waitFor();
  expect(await text(page)).toBe('print("changed")');
  const forking = page.waitForRequest((request) => request.method() === 'POST');
  await page.getByRole('button', { name: 'Fork' }).click();
  await page.getByText('This is your own copy now.').waitFor();
  expect(await flaws(page)).toEqual([]);
  expect(page.url()).not.toBe(link);
  expect(new URL((await forking).url()).pathname).toBe(`/api/v1/snippets/${link.split('/').pop()}/forks`);
  const fork = await kept(page.url());
  expect(fork).toMatchObject({ files: [{ content: 'print("changed")' }] });
  // The original is unlisted: whoever is given the copy's link has not been given that one.
  expect(JSON.stringify(fork)).not.toContain(link.split('/').pop());
  await page.goBack();
  await page.waitForURL(link);
  await page.waitForFunction(() => document.querySelector('.cm-content')?.textContent?.includes('shared'));
  // The draft of the language is not touched by what was opened.
  await open(page, '/?language=python');
  expect(await text(page)).not.toContain('changed');
});

test('a link shows at once what the program wrote, until it is run again', async () => {
  const page = await visitor();
  await open(page, '/?language=python');
  const program =
    'import sys, time\nprint("\\033[32mat\\033[0m", time.time_ns())\nprint("careful", file=sys.stderr)';
  await type(page, program);
  const first = await run(page);
  const link = await share(page);
  await page.getByText('sees the recorded output at once').waitFor();
  await picture(page, 'shared');
  expect(await flaws(page)).toEqual([]);

  const other = await visitor();
  const asked: string[] = [];
  other.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
  await open(other, new URL(link).pathname);
  await other.locator('.output .line').first().waitFor();
  expect(await output(other)).toBe(first);
  expect(await other.locator('.output .line.err').textContent()).toBe('careful');
  expect(asked.filter((request) => request.includes('/runs'))).toEqual([]);
  expect((await other.locator('.outcome').textContent())?.replace(/\s+/g, ' ')).toMatch(/Recorded Finished /);
  const day = new Date().toLocaleDateString('en', { dateStyle: 'long' });
  await other
    .getByText(new RegExp(`Recorded on ${day} with Python 3\\.[\\d.]+\\. Run the program`))
    .waitFor();
  const said = other.getByRole('status').filter({ hasText: 'Recorded' });
  expect(await said.textContent()).toBe('Recorded: Finished. 2 lines of output.');
  await picture(other, 'recorded');
  expect(await flaws(other)).toEqual([]);
  const second = await run(other);
  expect(second).not.toBe(first);
  expect(await other.locator('.outcome').textContent()).not.toContain('Recorded');

  // A fork has the output of its own last run; what was changed since it ran has none.
  await other.getByRole('button', { name: 'Fork' }).click();
  await other.getByText('This is your own copy now.').waitFor();
  expect(JSON.stringify((await kept(other.url())).run)).toContain(second.split(' ')[1]?.split('\n')[0]);
  await type(other, 'print("not run")');
  expect((await kept(await share(other))).run).toBeUndefined();
});

test('a program that was saved before it ran can be saved once more with its output', async () => {
  const page = await visitor();
  await open(page, '/?language=bash');
  await type(page, 'echo later');
  const early = await share(page);
  await page.keyboard.press('Escape');
  await run(page);
  expect(await share(page)).toBe(early);
  await page.getByRole('button', { name: 'Save once more, with the output' }).click();
  await page.getByText('sees the recorded output at once').waitFor();
  const late = await page.getByRole('textbox', { name: 'Link' }).inputValue();
  expect(await kept(late)).toMatchObject({ run: { outcome: 'succeeded' } });
  expect((await kept(early)).run).toBeUndefined();
});

test('what others wrote into a recorded run stays text', async () => {
  const attack = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>';
  const files = [{ name: 'main.py', content: 'print(1)' }];
  const headers = { 'content-type': 'application/json' };
  const post = async (path: string, body: object) =>
    (
      await fetch(`${address()}/api/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    ).json();
  const run = await post('runs', { language: 'python', files });
  run.runtime.name = run.runtime.version = attack;
  run.stages[0].stdout = run.stages[0].name = attack;
  run.artifacts = [{ name: attack, media_type: attack, content: attack, encoding: 'utf-8' }];
  const { id } = await post('snippets', { language: 'python', files, title: attack, run });
  const page = await visitor();
  await open(page, `/s/${id}`);
  await page.getByRole('link', { name: 'Download' }).waitFor();
  await picture(page, 'hostile-record');
  expect(await output(page)).toBe(attack);
  await page.getByRole('button', { name: 'Share' }).click();
  await page.getByLabel('In a page of your own').waitFor();
  await page.waitForTimeout(200);
  expect(await page.evaluate(() => 'hit' in window)).toBe(false);
  expect(await page.locator('img[src="x"]').count()).toBe(0);
});

test('where the server keeps nothing, the link carries the program', async () => {
  const page = await visitor();
  await page.route('**/api/v1/snippets', (route) => route.fulfill({ status: 501, json: {} }));
  await open(page, '/?language=bash');
  await type(page, 'echo "in the link: $1"; cat');
  await page.getByRole('textbox', { name: 'Standard input' }).fill('read');
  await page.getByRole('textbox', { name: 'Arguments' }).fill('"a b"');
  await page.getByRole('button', { name: 'Share' }).click();
  await page.getByText('This server does not keep programs.').waitFor();
  const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
  expect(link).toContain('/#code=');
  complaints.length = 0;

  const other = await visitor();
  await open(other, '/?language=bash');
  await type(other, 'echo "my own work"');
  await open(other, new URL(link).pathname + new URL(link).hash);
  await other.waitForFunction(() =>
    document.querySelector('.cm-content')?.textContent?.includes('in the link'),
  );
  expect(await run(other)).toBe('in the link: a b\nread');
  await open(other, '/?language=bash');
  expect(await text(other)).toBe('echo "my own work"');
});

test('where the server has gone, the link carries the program, and what cannot be done is said', async () => {
  const page = await visitor();
  await open(page, '/?language=bash');
  await type(page, 'echo "saved before"');
  const saved = await share(page);
  await page.keyboard.press('Escape');

  const other = await visitor();
  const came: string[] = [];
  other.on('requestfinished', (request) => came.push(new URL(request.url()).pathname));
  await open(other, new URL(saved).pathname);
  await type(other, 'echo "taken along"');
  for (const part of ['windows', 'sharing', 'Artifacts'])
    await expect
      .poll(() => came.some((path) => path.startsWith(`/assets/${part}-`)), { timeout: 10_000 })
      .toBe(true);
  await other.context().setOffline(true);
  const link = await share(other);
  expect(link).toContain('/#code=');
  await other.getByText('It could not be saved. The server does not answer.').waitFor();
  await picture(other, 'share-away');
  await other.keyboard.press('Escape');
  await other.getByRole('button', { name: 'Fork' }).click();
  await other.getByText('It could not be forked. The server does not answer.').waitFor();
  forgive(/ERR_INTERNET_DISCONNECTED/);

  await open(page, new URL(link).pathname + new URL(link).hash);
  await page.waitForFunction(() =>
    document.querySelector('.cm-content')?.textContent?.includes('taken along'),
  );
});

test('a part of the page that does not come keeps nobody from running programs', async () => {
  const page = await visitor();
  let away = true;
  await page.route(/\/assets\/(windows|sharing|terminal|Artifacts)-/, (route) =>
    away ? route.abort() : route.continue(),
  );
  await open(page, '/?language=bash');
  await type(page, 'mkdir -p out; echo text > out/left.txt; echo here');
  const told = page.getByText('This part of the page could not be loaded');
  for (const name of [/^Bash/, 'Examples', 'Add a file', 'Share']) {
    await page.getByRole('button', { name }).click();
    await told.waitFor();
    await page.getByRole('button', { name: 'Close this message' }).click();
    await told.waitFor({ state: 'detached' });
  }
  await page.locator('.cm-content').click();
  await page.keyboard.press('ControlOrMeta+Enter');
  await page.locator('.output .line', { hasText: 'here' }).waitFor();
  await page.getByText('The program left files behind, and what shows them could not be loaded.').waitFor();
  await page.getByRole('button', { name: 'Interactive' }).click();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.locator('.outcome', { hasText: 'The terminal could not be loaded' }).waitFor();
  away = false;
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.locator('.xterm-rows', { hasText: 'here' }).waitFor();
  await page.getByRole('link', { name: 'Download left.txt' }).waitFor();
  expect(await share(page)).toMatch(/\/s\/[\w-]{6,}$/);
  forgive(/ERR_FAILED/);
});

test('another page’s link opens language and code', async () => {
  const page = await visitor();
  const query = new URLSearchParams({ language: 'PY', code: 'print(input(), "<b>")', stdin: 'hi' });
  await open(page, `/?${query}`);
  expect(await run(page)).toBe('hi <b>');
});

test('links that lead nowhere say so', async () => {
  const page = await visitor();
  for (const path of ['/nowhere', '/s/unknown', '/s/a/b']) {
    await page.goto(path);
    await page.getByRole('heading', { name: 'Nothing is here' }).waitFor();
  }
  await picture(page, 'nothing');
  expect(await flaws(page)).toEqual([]);
  await page.getByRole('link', { name: 'Write a new program' }).click();
  await page.locator('.cm-content').waitFor();
  await open(page, '/#code=AAAA');
  await page.getByText('The link is damaged').waitFor();
  forgive();
});
