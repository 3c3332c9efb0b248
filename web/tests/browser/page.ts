/** A browser, and the page as a person would use it. */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest';

const SCREENSHOTS = resolve(import.meta.dirname, '../../../target/screenshots');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 360, height: 740 };

let browser: Browser;
let contexts: BrowserContext[] = [];
/** Those that were started for one visitor. */
let browsers: Browser[] = [];
/** What went wrong in any page since the test began: errors in the console, scripts that failed, policies that were broken. */
export let complaints: string[] = [];

beforeAll(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  browser = await launched();
});

function launched(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: FLAGS });
}

afterAll(async () => {
  await browser?.close();
});

afterEach(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  await Promise.all(browsers.map((browser) => browser.close()));
  contexts = [];
  browsers = [];
  const seen = complaints;
  complaints = [];
  expect(seen).toEqual([]);
});

export const address = (): string => inject('address');

export interface Options {
  size?: { width: number; height: number };
  dark?: boolean;
}

/** A new visitor's window. */
export function visitor(options: Options = {}): Promise<Page> {
  return visit(browser, options);
}

/** A new visitor's window in a browser of its own: nothing is cached, connected or compiled. */
export async function stranger(options: Options = {}): Promise<Page> {
  const own = await launched();
  browsers.push(own);
  return visit(own, options);
}

async function visit(browser: Browser, { size = DESKTOP, dark = false }: Options): Promise<Page> {
  const touch = size.width < 600;
  const context = await browser.newContext({
    viewport: size,
    colorScheme: dark ? 'dark' : 'light',
    hasTouch: touch,
    isMobile: touch,
    permissions: ['clipboard-read', 'clipboard-write'],
    baseURL: address(),
  });
  contexts.push(context);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return page;
}

/** Opens an address and waits until a program can be written. */
export async function open(page: Page, path = '/'): Promise<void> {
  await page.goto(path);
  await page.locator('.cm-content').waitFor();
  await page.waitForFunction(() => /\S/.test(document.querySelector('.cm-content')?.textContent ?? ''));
}

/** Replaces the open file's text, as a paste would. */
export async function type(page: Page, text: string): Promise<void> {
  await page.locator('.cm-content').click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(text);
}

/** The text of the open file. */
export async function text(page: Page): Promise<string> {
  await page.locator('.cm-content').click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('ControlOrMeta+c');
  return page.evaluate(() => navigator.clipboard.readText());
}

/** Chooses a language by typing its name. */
export async function choose(page: Page, name: string): Promise<void> {
  await page.keyboard.press('ControlOrMeta+k');
  await page.getByRole('combobox', { name: 'Search languages' }).fill(name);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** Runs the program and waits for its end. Gives what it wrote. */
export async function run(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await ended(page);
  return output(page);
}

/** Waits until nothing runs and all output is shown. */
export async function ended(page: Page): Promise<void> {
  await page.locator('.outcome:not(.busy)').waitFor({ timeout: 40_000 });
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
}

export async function output(page: Page): Promise<string> {
  const lines = await page.locator('.output .line').allTextContents();
  return lines.map((line) => (line === '\n' ? '' : line)).join('\n');
}

/** Keeps a picture of the page, outside of the repository. */
export async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}

/** What axe finds wrong with the page. */
export async function flaws(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: (options: object) => Promise<AxeResult> } };
    interface AxeResult {
      violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[];
    }
    const result = await axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return result.violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary ?? ''}`),
    );
  });
}
