/** Links: with and without the server's help. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { complaints, open, output, picture, run, text, type, visitor } from './page';

/** Answers for `/api/v1/snippets` as the API's contract has it, where the server does not yet. */
async function withSnippets(page: Page): Promise<Map<string, Record<string, unknown>>> {
  const kept = new Map<string, Record<string, unknown>>();
  await page.context().route('**/api/v1/snippets**', async (route) => {
    const request = route.request();
    const [, parent] = /snippets\/([^/]+)\/forks$/.exec(request.url()) ?? [];
    if (request.method() === 'POST') {
      const id = `snippet-${kept.size + 1}`;
      kept.set(id, {
        ...request.postDataJSON(),
        id,
        parent: parent ?? null,
        created_at: new Date().toISOString(),
      });
      await route.fulfill({ status: 201, json: { id, url: `/s/${id}`, edit_token: 'x' } });
      return;
    }
    const found = kept.get(request.url().split('/').pop() ?? '');
    if (found) await route.fulfill({ json: found });
    else {
      const problem = { type: '/problems/not-found', title: 'Not found', status: 404, detail: 'nothing' };
      await route.fulfill({ status: 404, contentType: 'application/problem+json', json: problem });
    }
  });
  return kept;
}

/** Takes the browser's own lines about answers of 404 out of the complaints. */
function forgive(): void {
  complaints.splice(0, complaints.length, ...complaints.filter((line) => !line.includes('404')));
}

test('a program is saved, opened, changed and forked', async () => {
  const page = await visitor();
  const kept = await withSnippets(page);
  await open(page, '/?language=python');
  await type(page, 'print("shared")');
  await page.getByRole('textbox', { name: 'Title' }).fill('My program');
  await page.getByRole('button', { name: 'Share' }).click();
  const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
  await picture(page, 'shared');
  expect(link).toMatch(/\/s\/snippet-1$/);
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(link);
  expect(kept.get('snippet-1')).toMatchObject({
    language: 'python',
    title: 'My program',
    files: [{ name: 'main.py', content: 'print("shared")' }],
  });
  await page.keyboard.press('Escape');

  const other = await visitor();
  kept.set('snippet-1', { ...kept.get('snippet-1'), run: recorded() });
  await other
    .context()
    .route('**/api/v1/snippets/**', (route) => route.fulfill({ json: kept.get('snippet-1') }));
  await open(other, new URL(link).pathname);
  expect(await output(other)).toBe('from the record');
  expect(await other.locator('.outcome .text').textContent()).toBe('Recorded: Finished');
  expect(await text(other)).toBe('print("shared")');
  expect(await other.title()).toContain('My program');

  // Changed work is kept beside the link, and the original can be had again.
  await page.goto(link);
  await open(page, new URL(link).pathname);
  await type(page, 'print("changed")');
  await page.reload();
  await page.getByRole('button', { name: 'Show the original' }).waitFor();
  expect(await text(page)).toBe('print("changed")');
  await page.getByRole('button', { name: 'Fork' }).click();
  await page.waitForURL('**/s/snippet-2');
  expect(kept.get('snippet-2')).toMatchObject({
    parent: 'snippet-1',
    files: [{ content: 'print("changed")' }],
  });
  await page.goBack();
  await page.waitForURL('**/s/snippet-1');
  await page.waitForFunction(() => document.querySelector('.cm-content')?.textContent?.includes('shared'));
  // The draft of the language is not touched by what was opened.
  await open(page, '/?language=python');
  expect(await text(page)).not.toContain('changed');
});

function recorded(): object {
  const stage = {
    name: 'run',
    exit_code: 0,
    signal: null,
    stdout: 'from the record\n',
    stderr: '',
    encoding: 'utf-8',
    truncated: false,
  };
  return {
    id: '0',
    runtime: { id: 'python-3.13', language: 'python', version: '3.13.5', name: 'Python' },
    outcome: 'succeeded',
    stages: [{ ...stage, wall_ms: 5, cpu_ms: 4, peak_memory_bytes: 9_000_000 }],
    artifacts: [],
    queue_ms: 0,
    total_ms: 6,
    warm: true,
  };
}

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

test('another page’s link opens language and code', async () => {
  const page = await visitor();
  const query = new URLSearchParams({ language: 'PY', code: 'print(input(), "<b>")', stdin: 'hi' });
  await open(page, `/?${query}`);
  expect(await run(page)).toBe('hi <b>');
});

test('links that lead nowhere say so', async () => {
  const page = await visitor();
  await withSnippets(page);
  for (const path of ['/nowhere', '/s/unknown', '/s/a/b']) {
    await page.goto(path);
    await page.getByRole('heading', { name: 'Nothing is here' }).waitFor();
  }
  await picture(page, 'nothing');
  await page.getByRole('link', { name: 'Write a new program' }).click();
  await page.locator('.cm-content').waitFor();
  await open(page, '/#code=AAAA');
  await page.getByText('The link is damaged').waitFor();
  forgive();
});
