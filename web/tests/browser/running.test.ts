/** Running programs: output as it comes, its colours, its bounds, its places; ends of every kind. */
import { expect, test } from 'vitest';
import {
  address,
  choose,
  complaints,
  DESKTOP,
  ended,
  flaws,
  open,
  output,
  PHONE,
  picture,
  run,
  text,
  type,
  visitor,
} from './page';

test('output appears before the program ends, and the program can be stopped', async () => {
  const page = await visitor();
  await open(page, '/?language=python');
  await type(page, 'import time\nprint("begun")\ntime.sleep(9)\nprint("never")');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.locator('.output .line', { hasText: 'begun' }).waitFor();
  await picture(page, 'running');
  await page.getByRole('button', { name: 'Stop' }).click();
  await ended(page);
  expect(await page.locator('.outcome .text').textContent()).toBe('Stopped');
  expect(await output(page)).toBe('begun');
  await page.getByRole('button', { name: 'Clear' }).click();
  expect(await output(page)).toBe('');
});

test('stderr is told apart, colours are shown, a progress bar stays one line', async () => {
  const page = await visitor();
  await open(page, '/?language=python');
  await type(
    page,
    'import sys, time\nfor i in range(3):\n    print(f"\\r{i}0 %", end="", flush=True)\n    time.sleep(0.02)\nprint()\n' +
      'print("\\033[1;31mred\\033[0m plain \\033[38;2;1;2;3mtrue\\033[0m")\nprint("bad", file=sys.stderr)',
  );
  expect(await run(page)).toBe('20 %\nred plain true\nbad');
  const red = page.locator('.output .bold');
  expect(await red.evaluate((node) => [node.textContent, getComputedStyle(node).fontWeight])).toEqual([
    'red',
    '700',
  ]);
  const exact = page.getByText('true', { exact: true });
  expect(await exact.evaluate((node) => getComputedStyle(node).color)).toBe('rgb(1, 2, 3)');
  expect(await page.locator('.output .line.err').allTextContents()).toEqual(['bad']);
});

test('a flood of output freezes nothing', async () => {
  const page = await visitor();
  await open(page, '/?language=python');
  await type(page, 'for i in range(10**7):\n    print("line", i)');
  await page.evaluate(() => {
    const gaps = { longest: 0 };
    Object.assign(window, { gaps });
    let last = performance.now();
    const tick = (now: number) => {
      gaps.longest = Math.max(gaps.longest, now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await ended(page);
  await page.getByText('Only the last lines are shown').waitFor();
  await picture(page, 'flood');
  expect(await page.locator('.outcome').textContent()).toMatch(/too much output.*output\s*cut off/s);
  expect(await page.locator('.output .line').count()).toBeLessThan(4300);
  const longest = await page.evaluate(
    () => (window as unknown as { gaps: { longest: number } }).gaps.longest,
  );
  console.info(`the longest frame took ${Math.round(longest)} ms`);
  expect(longest).toBeLessThan(1000);
  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied.startsWith('line 0\nline 1\n')).toBe(true);
  expect(copied.length).toBeGreaterThan(900_000);
});

test('one endless line freezes nothing either', async () => {
  const page = await visitor();
  await open(page, '/?language=python');
  await type(page, 'print("x" * 900_000)');
  await run(page);
  await page.getByText('more characters (Copy has all)').waitFor();
  expect(await page.locator('.outcome').textContent()).toContain('Finished');
});

test('a compiler’s complaint leads to its line', async () => {
  const page = await visitor();
  await open(page);
  await choose(page, 'java');
  await type(page, 'class Main {\n  static int half(int n) {\n    return n / two;\n  }\n}\n');
  await run(page);
  expect(await page.locator('.outcome .text').textContent()).toBe('Did not compile');
  await page.locator('.cm-message').getByText('cannot find symbol').waitFor();
  await picture(page, 'compile-error');
  await page.locator('.output .place').first().click();
  await page.keyboard.press('End');
  await page.keyboard.type(' // here');
  expect((await text(page)).split('\n')[2]).toBe('    return n / two; // here');
});

test('a traceback leads into another file', async () => {
  const page = await visitor();
  await open(page, '/?language=python');
  await type(page, 'import util\nutil.fail()');
  await page.getByRole('button', { name: 'Add a file' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('util.py');
  await page.keyboard.press('Enter');
  await type(page, '\n\ndef fail():\n    raise KeyError("x")');
  await page.getByRole('tab', { name: 'main.py' }).click();
  await run(page);
  await page.locator('.output .place', { hasText: 'util.py' }).click();
  expect(await page.getByRole('tab', { name: 'util.py' }).getAttribute('aria-selected')).toBe('true');
  await page.locator('.cm-message').getByText('KeyError').waitFor();
  expect(await page.locator('.cm-activeLine').textContent()).toContain('raise KeyError');

  // The same by keyboard, from wherever one is: from place to place, forth and back.
  const at = async (step: string, line: string) => {
    await page.keyboard.press(step);
    await page.waitForFunction(
      (line) => document.querySelector('.cm-focused .cm-activeLine')?.textContent?.includes(line),
      line,
    );
  };
  await page.getByRole('button', { name: 'Examples' }).focus();
  await at('F8', 'util.fail()');
  await at('F8', 'raise KeyError');
  await at('Shift+F8', 'util.fail()');
  await at('Shift+F8', 'raise KeyError');
  await page.keyboard.press('End');
  await page.keyboard.type(' # here');
  expect(await text(page)).toContain('raise KeyError("x") # here');
});

for (const [name, size] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
  test(`what is wrong can be read where it is marked, on a ${name}`, async () => {
    const page = await visitor({ size });
    await open(page, '/?language=python');
    const long = 'of all the numbers that were given not one could be divided';
    await type(page, `def mean(numbers):\n    raise ValueError("${long}")\n\nmean([])`);
    await run(page);
    const message = page.locator('.cm-message', { hasText: long });
    await message.waitFor();
    await picture(page, `message-${name}`);
    const [shown, editor] = [await message.boundingBox(), await page.locator('.cm-scroller').boundingBox()];
    expect((shown?.x ?? 0) + (shown?.width ?? 9999)).toBeLessThanOrEqual(
      (editor?.x ?? 0) + (editor?.width ?? 0),
    );
    expect(await message.evaluate((node) => node.scrollWidth <= node.clientWidth || !node.clientWidth)).toBe(
      true,
    );
    // It takes no more lines than it needs, and the caret is where it is seen.
    const line = await page.locator('.cm-line', { hasText: long }).boundingBox();
    const below = (line?.y ?? 0) + (line?.height ?? 0) - (shown?.y ?? 0) - (shown?.height ?? 0);
    expect(below).toBeLessThan(5);
    await page.locator('.cm-line', { hasText: 'mean([])' }).click();
    await page.keyboard.press('End');
    await page.keyboard.type(' # last');
    expect(await text(page)).toContain('\nmean([]) # last');
  });
}

test('a signal, an exit code and nothing at all are told', async () => {
  const page = await visitor();
  await open(page, '/?language=bash');
  await type(page, 'kill -SEGV $$');
  await run(page);
  expect(await page.locator('.outcome .text').textContent()).toContain('signal 11 (SIGSEGV');
  await type(page, 'true');
  await run(page);
  expect(await page.locator('.outcome').textContent()).toMatch(
    /Finished\s*exit code 0\s*time .* ms\s*CPU .* ms\s*memory .*iB/,
  );
  await page.getByText('The program wrote nothing.').waitFor();
});

test('who waits is told the place in the line', async () => {
  const page = await visitor();
  await open(page, '/?language=bash');
  await type(page, 'echo mine');
  const hogs = new AbortController();
  const hog = { language: 'bash', files: [{ name: 'a.sh', content: 'sleep 8' }] };
  const body = JSON.stringify(hog);
  const headers = { 'content-type': 'application/json' };
  const post = () =>
    fetch(`${address()}/api/v1/runs`, { method: 'POST', headers, body, signal: hogs.signal }).catch(() => {});
  for (let count = 0; count < 8; count++) post();
  await page.waitForTimeout(500);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.locator('.outcome', { hasText: /Waiting: (next|number \d+) in line/ }).waitFor();
  hogs.abort();
  await ended(page);
  expect(await output(page)).toBe('mine');
});

test('a server that goes away loses nobody’s work', async () => {
  const page = await visitor();
  await open(page, '/?language=python');
  await type(page, 'print("kept")');
  await page.context().setOffline(true);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByText('The server does not answer').first().waitFor();
  await picture(page, 'server-gone');
  await page.context().setOffline(false);
  expect(await run(page)).toBe('kept');
  // The browser itself complains of requests that could not be sent.
  complaints.splice(
    0,
    complaints.length,
    ...complaints.filter((text) => !text.includes('ERR_INTERNET_DISCONNECTED')),
  );
});

test('while the server does not answer that is said, and when it does all goes on by itself', async () => {
  const page = await visitor();
  await open(page, '/?language=python');
  await type(page, 'print("kept")');
  await expect
    .poll(() => page.evaluate(() => localStorage.getItem('polyground:draft:python')))
    .toContain('kept');
  let away = true;
  await page.route('**/api/v1/runtimes', (route) => (away ? route.abort() : route.continue()));
  await page.reload();
  const banner = page.getByRole('alert').filter({ hasText: 'The server does not answer.' });
  await banner.waitFor();
  // The work is there all the same.
  expect(await text(page)).toBe('print("kept")');
  await picture(page, 'away');
  expect(await flaws(page)).toEqual([]);
  away = false;
  await banner.waitFor({ state: 'detached' });
  expect(await run(page)).toBe('kept');
  complaints.splice(0, complaints.length, ...complaints.filter((text) => !text.includes('ERR_FAILED')));
});
