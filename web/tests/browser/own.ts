/** A server for one file of tests: with one language, the machine's own shell, and no Docker. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { BINARY, printed } from './server';

/** What a test can tell its server to do with. */
export class Own {
  readonly folder = mkdtempSync(join(tmpdir(), 'polyground-own-'));
  readonly database = `sqlite://${join(this.folder, 'x.db')}`;
  address = '';
  private server: ChildProcess | undefined;
  private ended: Promise<unknown> = Promise.resolve();

  constructor(template: string) {
    mkdirSync(join(this.folder, 'runtimes/plug-5'), { recursive: true });
    const definition = `language: plug
version: "5"
name: Plug
extensions: [plug]
editor: {mode: text, file: main.plug, template: ${JSON.stringify(template)}}
image: {ref: "polyground/base:trixie"}
host: {requires: [bash]}
detect: {command: [bash, --version], pattern: 'version (\\d+\\.\\d+\\.\\d+)'}
run: {command: [bash, "{main}"]}
samples:
  - {name: hello, files: {main.plug: 'echo hello'}, stdout: "hello\\n"}
`;
    writeFileSync(join(this.folder, 'runtimes/plug-5/runtime.yaml'), definition);
  }

  /** Starts it, again at the address that it had before, and waits until programs can be run. */
  async start(...more: string[]): Promise<void> {
    const listen = this.address ? new URL(this.address).host : '127.0.0.1:0';
    const places = ['--data', this.folder, '--database', this.database];
    const args = ['serve', '--engine', 'local', '--listen', listen, ...places];
    args.push('--runtimes', join(this.folder, 'runtimes'), ...more);
    const child = spawn(BINARY, args, { cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'] });
    this.server = child;
    this.ended = new Promise((resolve) => child.once('close', resolve));
    this.address = await printed(child.stderr);
    const ready = async () => (await fetch(`${this.address}/readyz`)).ok;
    await vi.waitUntil(ready, { timeout: 60_000, interval: 200 });
  }

  /** Ends it at once, in the middle of whatever it does. */
  async kill(): Promise<void> {
    this.server?.kill('SIGKILL');
    await this.ended;
  }

  async stop(): Promise<void> {
    this.server?.kill('SIGINT');
    await this.ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
