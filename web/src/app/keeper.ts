/** Keeps what is worked on in this tab, so that it is there when it is opened again. */
import { type Draft, forget, isDraft, keepDraft, recall } from '../work/drafts';
import type { Workspace } from '../work/workspace.svelte';

/** Milliseconds from a change until it is kept. */
const SOON = 300;

export class Keeper {
  /** Under which the work is kept; empty: nowhere. */
  key = '';
  /** What it was at first; such work need not be kept. */
  original = '';
  /** The work as it was kept or loaded last. */
  private known: Draft | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly workspace: Workspace) {}

  /** Whether the work differs from what was opened. */
  get changed(): boolean {
    return content(this.workspace.draft()) !== this.original;
  }

  /** The work is one that has just been loaded. */
  begin(key: string, original?: Draft): void {
    this.key = key;
    this.known = this.workspace.draft();
    if (original) this.original = content(original);
  }

  /** The work has got an address of its own. */
  move(key: string): void {
    forget(this.key);
    this.key = key;
    this.known = undefined;
    this.original = content(this.workspace.draft());
  }

  soon(keep: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(keep, SOON);
  }

  /** Keeps the work. Says whether there was room for it. */
  now(): boolean {
    clearTimeout(this.timer);
    const draft = this.workspace.draft();
    if (!this.key || !this.isNews(draft)) return true;
    this.known = draft;
    if (content(draft) !== this.original || draft.interactive) return keepDraft(this.key, draft);
    forget(this.key);
    return true;
  }

  /**
   * Whether something was changed in this tab. Others may have the same work open and have gone on with it since it was
   * loaded here: it must not be lost because somebody looks at this tab, or at another file in it.
   */
  private isNews(draft: Draft): boolean {
    if (!this.known || content(draft) !== content(this.known)) return true;
    if (draft.active === this.known.active && draft.interactive === this.known.interactive) return false;
    const kept = recall(this.key, isDraft);
    return !kept || content(kept) === content(draft);
  }
}

/** What makes a program another one. */
export function content({ language, runtime, files, stdin, args, title }: Draft): string {
  return JSON.stringify([
    language,
    runtime ?? '',
    files.map(({ name, content }) => [name, content]),
    stdin,
    args,
    title,
  ]);
}
