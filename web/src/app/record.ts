/** Runs that are kept with a snippet, to be shown when it is opened. */
import type { Run, RunRequest } from '../api/types';

/** What makes two programs the same as far as their output goes. */
export function identity({ language, version, files, stdin, args }: RunRequest): string {
  return JSON.stringify([
    language,
    version ?? '',
    files.map(({ name, content }) => [name, content]),
    stdin ?? '',
    args ?? [],
  ]);
}

/** Whether a run says something about its program: not one that was stopped, or that the server failed. */
export function isTelling({ outcome }: Run): boolean {
  return outcome !== 'cancelled' && outcome !== 'internal_error';
}

/** When a run was: its id begins with that (RFC 9562, version 7). `undefined` where the id says nothing. */
export function timeOf({ id }: Pick<Run, 'id'>): Date | undefined {
  const hex = id.replaceAll('-', '');
  if (!/^[\da-f]{12}7[\da-f]{19}$/i.test(hex)) return undefined;
  return new Date(Number.parseInt(hex.slice(0, 12), 16));
}

/** What a stage wrote, as well as it can be shown where it is not text. */
export function written(stage: Run['stages'][number]): { stdout: string; stderr: string } {
  const { stdout, stderr, encoding } = stage;
  if (encoding !== 'base64') return { stdout, stderr };
  return { stdout: fromBase64(stdout), stderr: fromBase64(stderr) };
}

/** Output that is not UTF-8, as well as it can be shown. */
export function fromBase64(text: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)));
}
