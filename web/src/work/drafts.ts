/** What this browser keeps: the last language, settings, and one draft for each language and each opened link. */
import type { SourceFile } from '../api/types';

/** Work as it is kept. */
export interface Draft {
  language: string;
  /** The runtime's id, where one was chosen. */
  runtime?: string;
  files: SourceFile[];
  active: number;
  stdin: string;
  args: string;
  title: string;
  /** Whether it is run in a terminal. */
  interactive?: boolean;
}

const PREFIX = 'polyground:';
const LINKS = 'links';
/** Drafts of opened links that are kept; older ones go. */
const MOST_LINKS = 20;

/** A kept value; `undefined` when there is none, or one that this page did not write. */
export function recall<Value>(key: string, is: (value: unknown) => value is Value): Value | undefined {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(PREFIX + key) ?? 'null');
    return is(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a value. Says whether there was room for it. */
export function keep(key: string, value: unknown): boolean {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

export function forget(key: string): void {
  try {
    localStorage.removeItem(PREFIX + key);
  } catch {
    // Nothing can be kept in this browser, so there is nothing to forget.
  }
}

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

export function isDraft(value: unknown): value is Draft {
  const draft = value as Draft | null;
  return (
    typeof draft === 'object' &&
    draft !== null &&
    isText(draft.language) &&
    Array.isArray(draft.files) &&
    draft.files.length > 0 &&
    draft.files.every((file) => isText(file?.name) && isText(file.content)) &&
    Number.isInteger(draft.active) &&
    isText(draft.stdin) &&
    isText(draft.args) &&
    isText(draft.title) &&
    ['boolean', 'undefined'].includes(typeof draft.interactive)
  );
}

/** The key of a language's draft. */
export function languageKey(language: string): string {
  return `draft:${language}`;
}

/** The key of an opened link's draft. */
export function linkKey(address: string): string {
  // FNV-1a: a link with a whole program in it is too long for a key.
  let hash = 0x811c9dc5;
  for (let at = 0; at < address.length; at++) hash = Math.imul(hash ^ address.charCodeAt(at), 0x01000193);
  return `draft:link:${(hash >>> 0).toString(36)}:${address.length.toString(36)}`;
}

/** Keeps a draft, at the cost of the oldest links' drafts. */
export function keepDraft(key: string, draft: Draft): boolean {
  if (key.startsWith('draft:link:')) {
    const known =
      recall(LINKS, (value): value is string[] => Array.isArray(value) && value.every(isText)) ?? [];
    const links = [key, ...known.filter((link) => link !== key)];
    for (const old of links.splice(MOST_LINKS)) forget(old);
    keep(LINKS, links);
  }
  return keep(key, draft);
}
