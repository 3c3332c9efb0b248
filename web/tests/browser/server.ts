/** Starts the real server once for all tests, on a free port, with the Docker engine unless `ENGINE` says another. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    address: string;
  }
}

const ROOT = resolve(import.meta.dirname, '../../..');
export const BINARY = process.env.POLYGROUND_BINARY ?? join(ROOT, 'target/release/polyground');
/** What the tests' programs are written in. The page is used while others are still being prepared. */
const NEEDED = process.env.ENGINE === 'local' ? ['python', 'shell'] : ['python', 'shell', 'java'];
/** Milliseconds until the address must be printed, and until every runtime must be ready or not. */
const PATIENCE = { start: 30_000, settle: 240_000, stop: 10_000 };

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Kept, so that runtimes are proven only when something about them has changed.
  const data = join(ROOT, 'target/test-web-data', process.env.ENGINE ?? 'docker');
  mkdirSync(data, { recursive: true });
  const args = [
    'serve',
    '--engine',
    process.env.ENGINE ?? 'docker',
    '--listen',
    '127.0.0.1:0',
    '--log-format',
    'text',
    '--data',
    data,
    // So that a test can wait for it.
    '--interactive-idle',
    '10',
  ];
  const server = spawn(BINARY, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((resolve) => server.once('close', () => resolve()));
  const stop = async () => {
    server.kill('SIGINT');
    await Promise.race([ended, later(PATIENCE.stop)]);
    server.kill('SIGKILL');
  };
  try {
    const address = await Promise.race([
      printed(server.stderr),
      failing(ended, 'the server ended'),
      failing(later(PATIENCE.start), 'the server printed no address'),
    ]);
    await settled(address);
    project.provide('address', address);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

/** The address that a server prints. */
export function printed(stderr: NodeJS.ReadableStream): Promise<string> {
  let log = '';
  return new Promise((resolve) => {
    stderr.on('data', (piece: Buffer) => {
      log += log.length < 100_000 ? piece : '';
      const [, address] = /Polyground is up:\s+(http:\S+)/.exec(log) ?? [];
      if (address) resolve(address);
    });
  });
}

async function settled(address: string): Promise<void> {
  const end = Date.now() + PATIENCE.settle;
  while (Date.now() < end) {
    const runtimes: { language: string; status: string }[] = await (
      await fetch(`${address}/api/v1/runtimes`)
    ).json();
    const there = (name: string) =>
      runtimes.some(({ language, status }) => language === name && status === 'ready');
    if (NEEDED.every(there)) return;
    await later(250);
  }
  throw new Error('runtimes are still being prepared');
}

async function failing(event: Promise<void>, why: string): Promise<never> {
  await event;
  throw new Error(why);
}

function later(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
