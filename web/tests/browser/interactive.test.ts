/** Programs that are talked to while they run, in the terminal. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { choose, ended, flaws, open, picture, type, visitor } from './page';
import { openWith, screen, shows, start, toggle } from './terminal';

const outcome = (page: Page) => page.locator('.outcome .text').textContent();

test('a program asks, is answered, and can be edited on like in any terminal', async () => {
  const page = await visitor();
  const loaded: string[] = [];
  page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
  await open(page, '/?language=python');
  await page.waitForTimeout(500);
  expect(loaded.filter((path) => path.includes('terminal'))).toEqual([]);
  await openWith(
    page,
    'python',
    'import sys\nname = input("Name? ")\nprint(f"\\033[32mHello, {name}!\\033[0m")\nprint("is a terminal:", sys.stdout.isatty())\n' +
      'print(repr(sys.stdin.read()), "was the rest")',
  );
  await start(page);
  await shows(page, 'Name?');
  await page.keyboard.type('Adda');
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Backspace');
  await page.keyboard.type('a é');
  await page.keyboard.press('Enter');
  await shows(page, /Name\? Ada é\nHello, Ada é!\nis a terminal: True$/);
  // Who has a keyboard needs no other keys.
  expect(await page.getByRole('group', { name: 'Keys for the program' }).count()).toBe(0);
  await picture(page, 'interactive');
  expect(await flaws(page)).toEqual([]);
  await page.evaluate(() => navigator.clipboard.writeText('pasted\nin two lines\n'));
  await page.keyboard.press('ControlOrMeta+v');
  await page.keyboard.press('Control+d');
  await ended(page);
  expect(await outcome(page)).toBe('Finished');
  await shows(page, "'pasted\\nin two lines\\n' was the rest");
  expect(await flaws(page)).toEqual([]);
  await page.getByRole('button', { name: 'Copy' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('Hello, Ada é!\nis a terminal');
  await page.getByRole('button', { name: 'Clear' }).click();
  expect(await page.locator('.xterm-rows').isVisible()).toBe(false);
});

test('arrow keys move in a line editor, and Ctrl-C interrupts without ending it', async () => {
  const page = await visitor();
  await openWith(page, 'bash', 'exec bash --norc --noprofile -i');
  await start(page);
  await shows(page, /\$ ?$/);
  await page.keyboard.type('echo first');
  await page.keyboard.press('Enter');
  await shows(page, /\nfirst\n/);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.type('-again');
  await page.keyboard.press('Home');
  await page.keyboard.type('# ');
  await page.keyboard.press('Home');
  await page.keyboard.press('Delete');
  await page.keyboard.press('Delete');
  await page.keyboard.press('Enter');
  await shows(page, /\nfirst-again\n/);
  await page.keyboard.type('sleep 60');
  await page.keyboard.press('Enter');
  await shows(page, /sleep 60$/);
  await page.keyboard.press('Control+c');
  await page.keyboard.type('echo "ended with $?"');
  await page.keyboard.press('Enter');
  await shows(page, /\nended with 130\n/);
  // Keys of the page are the program's here: Ctrl-K cuts to the end of the line.
  await page.keyboard.type('echo kept cut');
  for (let step = 0; step < 4; step++) await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Control+k');
  await page.keyboard.press('Enter');
  await shows(page, /\nkept\n/);
  expect(await page.getByRole('dialog').count()).toBe(0);
  await page.keyboard.type('exit 7');
  await page.keyboard.press('Enter');
  await ended(page);
  expect(await outcome(page)).toBe('Exited with code 7');
});

test('Stop asks the program to end, the second time it is ended', async () => {
  const page = await visitor();
  await openWith(page, 'python', 'import time\nprint("ready")\ntime.sleep(60)');
  await start(page);
  await shows(page, 'ready');
  await page.getByRole('button', { name: 'Stop' }).click();
  await ended(page);
  await shows(page, 'KeyboardInterrupt');
  // Where it happened is marked in the program, as after any run.
  await page.locator('.cm-message').getByText('KeyboardInterrupt').waitFor();
  const line = await page.locator('.xterm-rows > div', { hasText: 'main.py' }).boundingBox();
  await page.mouse.move((line?.x ?? 0) + 120, (line?.y ?? 0) + 8);
  await page.locator('.xterm-cursor-pointer').waitFor();
  await page.mouse.down();
  await page.mouse.up();
  await page.waitForFunction(() =>
    document.querySelector('.cm-activeLine')?.textContent?.includes('time.sleep'),
  );

  await type(
    page,
    'import signal, time\nsignal.signal(signal.SIGINT, lambda *_: print("not yet"))\nprint("ready")\nwhile True: time.sleep(60)',
  );
  await start(page);
  await shows(page, 'ready');
  await page.keyboard.press('ControlOrMeta+Enter');
  await shows(page, 'not yet');
  await page.getByRole('button', { name: 'Kill' }).click();
  await ended(page);
  expect(await outcome(page)).toBe('Stopped');
});

test('the program knows its window, and when that changes', async () => {
  const page = await visitor();
  await openWith(
    page,
    'python',
    'import os, signal\ntell = lambda *_: print("now", *os.get_terminal_size())\nsignal.signal(signal.SIGWINCH, tell)\ntell()\n' +
      'while True: signal.pause()',
  );
  await start(page);
  await shows(page, /now \d+ \d+/);
  const sizes = async () =>
    [...(await screen(page)).matchAll(/now (\d+) (\d+)/g)].map(([, columns, rows]) => [
      Number(columns),
      Number(rows),
    ]);
  const [[columns = 0, rows = 0] = []] = await sizes();
  expect(columns).toBeGreaterThan(50);
  expect(rows).toBeGreaterThan(20);
  await page.setViewportSize({ width: 1000, height: 500 });
  await expect
    .poll(async () => (await sizes()).some(([c = 0, r = 0]) => c < columns && r < rows), { timeout: 10_000 })
    .toBe(true);
  await page.getByRole('button', { name: 'Stop' }).click();
  await ended(page);
});

test('before its time is up the program’s user is told, and typing gives it more', async () => {
  const page = await visitor();
  await openWith(page, 'bash', 'echo ready; read -r line; echo "got $line"; read -r line');
  await start(page);
  await shows(page, 'ready');
  const warning = page.locator('.outcome', { hasText: /Nothing typed for long: ends in \d+ s/ });
  await warning.waitFor();
  await picture(page, 'interactive-warning');
  expect(await flaws(page)).toEqual([]);
  expect(await page.getByRole('status').filter({ hasText: 'Nothing typed' }).count()).toBe(1);
  await page.keyboard.type('x');
  await warning.waitFor({ state: 'detached' });
  await page.keyboard.press('Enter');
  await shows(page, 'got x');
  await warning.waitFor();
  await ended(page);
  expect(await outcome(page)).toBe('Stopped: out of time');
});

test('before the whole time of a program is over its user is told', async () => {
  const page = await visitor();
  await page.routeWebSocket('**/api/v1/runs/ws', (line) => {
    const server = line.connectToServer();
    // With less time than the runtime has, so that nobody waits for that here.
    line.onMessage((text) => {
      const message = JSON.parse(String(text));
      if (message.type === 'start') message.limits = { wall_ms: 6000 };
      server.send(JSON.stringify(message));
    });
  });
  await openWith(page, 'bash', 'while read -r line; do echo "got $line"; done');
  await start(page);
  const warning = page.locator('.outcome', { hasText: /Time is nearly over: ends in \d+ s/ });
  await warning.waitFor();
  // Unlike of silence, typing is no cure for that.
  await page.keyboard.type('x');
  await page.keyboard.press('Enter');
  await shows(page, 'got x');
  expect(await warning.count()).toBe(1);
  await picture(page, 'interactive-time');
  await ended(page);
  expect(await outcome(page)).toBe('Stopped: out of time');
});

test('compilers write to the terminal too, and their complaints lead into the program', async () => {
  const page = await visitor();
  await open(page);
  await choose(page, 'java');
  await type(page, 'class Main {\n  static int half(int n) {\n    return n / two;\n  }\n}\n');
  await toggle(page).click();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await ended(page);
  expect(await outcome(page)).toBe('Did not compile');
  await shows(page, /error: cannot find symbol\n +return n \/ two;\n/);
  await page.locator('.cm-message').getByText('cannot find symbol').waitFor();
});

test('the terminal is left by keyboard, follows the theme, and is read aloud when asked', async () => {
  const page = await visitor();
  await openWith(page, 'bash', 'echo ready; cat -v');
  await page.getByRole('button', { name: 'Settings and shortcuts' }).click();
  await page.getByText('Leave the editor or the terminal by keyboard').waitFor();
  await page.getByRole('checkbox', { name: 'Screen reader mode in the terminal' }).check();
  await page.keyboard.press('Escape');
  await start(page);
  await shows(page, 'ready');
  await page.locator('.xterm-accessibility', { hasText: 'ready' }).waitFor({ state: 'attached' });
  await page.keyboard.press('Tab');
  await page.keyboard.press('Escape');
  const inside = () => page.evaluate(() => document.activeElement?.closest('.terminal') != null);
  expect(await inside(), 'Tab alone is the program’s').toBe(true);
  await page.keyboard.press('Shift+Tab');
  expect(await inside(), 'Escape, then Tab, leads out').toBe(false);
  await shows(page, '^[');
  expect(await flaws(page)).toEqual([]);
  const ground = () =>
    page.locator('.xterm-scrollable-element').evaluate((node) => getComputedStyle(node).backgroundColor);
  const light = await ground();
  await page.getByRole('button', { name: 'Settings and shortcuts' }).click();
  await page.getByRole('radio', { name: 'dark' }).check();
  await page.keyboard.press('Escape');
  expect(await ground()).not.toBe(light);
  await picture(page, 'interactive-dark');
  await page.getByRole('button', { name: 'Stop' }).click();
  await ended(page);
});

test('what a program writes to the terminal stays there', async () => {
  const page = await visitor();
  await openWith(
    page,
    'bash',
    `printf '\\033]0;hit\\007\\033]52;c;aGl0\\007\\033]8;;javascript:window.hit=1\\033\\\\link\\033]8;;\\033\\\\ <img src=x onerror=window.hit=1>\\n'; read -r x`,
  );
  const title = await page.title();
  await page.evaluate(() => navigator.clipboard.writeText('mine'));
  await start(page);
  await shows(page, 'link <img src=x onerror=window.hit=1>');
  const link = await page.locator('.xterm-rows span', { hasText: 'link' }).first().boundingBox();
  await page.mouse.click((link?.x ?? 0) + 8, (link?.y ?? 0) + 8);
  await page.waitForTimeout(300);
  expect(await page.evaluate(() => 'hit' in window)).toBe(false);
  expect(await page.title()).toBe(title);
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('mine');
  expect(await page.locator('img[src="x"]').count()).toBe(0);
  await page.keyboard.press('Enter');
  await ended(page);
});

test('who wants the terminal is remembered with the language’s work', async () => {
  const page = await visitor();
  await open(page, '/?language=python');
  await toggle(page).click();
  await choose(page, 'bash');
  expect(await toggle(page).getAttribute('aria-pressed')).toBe('false');
  await choose(page, 'python');
  expect(await toggle(page).getAttribute('aria-pressed')).toBe('true');
  await page.reload();
  await page.locator('.cm-content').waitFor();
  expect(await toggle(page).getAttribute('aria-pressed')).toBe('true');
  expect(await page.getByRole('textbox', { name: 'Standard input' }).isDisabled()).toBe(true);
  await toggle(page).click();
  await type(page, 'print("plain")');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.locator('.output .line', { hasText: 'plain' }).waitFor();
});

test('when the line to the server breaks, or it has no room, that is said', async () => {
  const page = await visitor();
  let cut = () => {};
  let full = false;
  await page.routeWebSocket('**/api/v1/runs/ws', (line) => {
    if (full) {
      line.close({ code: 1013 });
      return;
    }
    const server = line.connectToServer();
    cut = () => {
      server.close();
      line.close({ code: 1006 });
    };
  });
  await openWith(page, 'bash', 'echo ready; read -r x; echo "$x"');
  await start(page);
  await shows(page, 'ready');
  cut();
  await page.locator('.outcome', { hasText: 'The connection broke off' }).waitFor();
  full = true;
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.locator('.outcome', { hasText: 'as many interactive programs as it can' }).waitFor();
  full = false;
  await start(page);
  await shows(page, 'ready');
  await page.keyboard.type('back');
  await page.keyboard.press('Enter');
  await ended(page);
  await shows(page, /back\nback/);
});
