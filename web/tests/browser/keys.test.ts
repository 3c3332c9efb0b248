/** A server that is not open to everyone, as its visitors see it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { complaints, open, run, visitor } from './page';
import { BINARY, printed } from './server';

const DEFINITION = `language: plug
version: "5"
name: Plug
extensions: [plug]
editor: {mode: text, file: main.plug, template: "read -p 'Name? ' name; echo hello $name"}
image: {ref: "polyground/base:trixie"}
host: {requires: [bash]}
detect: {command: [bash, --version], pattern: 'version (\\d+\\.\\d+\\.\\d+)'}
run: {command: [bash, "{main}"]}
samples:
  - {name: hello, files: {main.plug: 'echo hello'}, stdout: "hello\\n"}
`;

const folder = mkdtempSync(join(tmpdir(), 'polyground-keys-'));
const database = `sqlite://${join(folder, 'x.db')}`;
let server: ChildProcess;
let address: string;

beforeAll(async () => {
  mkdirSync(join(folder, 'runtimes/plug-5'), { recursive: true });
  writeFileSync(join(folder, 'runtimes/plug-5/runtime.yaml'), DEFINITION);
  const args = ['serve', '--engine', 'local', '--listen', '127.0.0.1:0', '--anonymous', 'none'];
  const places = ['--data', folder, '--database', database, '--runtimes', join(folder, 'runtimes')];
  const child = spawn(BINARY, [...args, ...places], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  server = child;
  address = await printed(child.stderr);
  await vi.waitUntil(async () => (await fetch(`${address}/readyz`)).ok, { timeout: 60_000, interval: 200 });
});

afterAll(async () => {
  const ended = new Promise((resolve) => server.once('close', resolve));
  server.kill('SIGINT');
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

test('who has no key is told so, and who gives one can run and talk to programs', async () => {
  const page = await visitor();
  await open(page, `${address}/`);
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
    database,
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
