/** The terminal, as a person would use it. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { open, type } from './page';

/** Opens a program to be run in the terminal. */
export async function openWith(page: Page, language: string, program: string): Promise<void> {
  await open(page, `/?language=${language}`);
  await type(page, program);
  await toggle(page).click();
}

export const toggle = (page: Page) => page.getByRole('button', { name: 'Interactive' });

/** Starts it and waits until it is the terminal that is typed into. */
export async function start(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.waitForFunction(() => document.activeElement?.className === 'xterm-helper-textarea');
  await page.locator('.outcome', { hasText: 'Running' }).waitFor();
}

/** What stands in the terminal. */
export async function screen(page: Page): Promise<string> {
  const rows = await page.locator('.xterm-rows > div').allTextContents();
  return rows
    .map((row) => row.replaceAll('\u00a0', ' ').trimEnd())
    .join('\n')
    .trimEnd();
}

export async function shows(page: Page, what: string | RegExp): Promise<void> {
  await expect.poll(() => screen(page), { timeout: 15_000 }).toMatch(what);
}
