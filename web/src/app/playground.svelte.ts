/** The page's state and what people can do with it. */
import { listRuntimes, openSnippet, Refusal } from '../api/client';
import type { Example, NewSnippet, Run, Runtime, Snippet } from '../api/types';
import { type Draft, forget, isDraft, languageKey, linkKey, recall } from '../work/drafts';
import type { Program } from '../work/program';
import { matching, opened, template, Workspace } from '../work/workspace.svelte';
import { content, Keeper } from './keeper';
import { type Route, routeOf } from './route';
import { Session, type Start } from './session.svelte';
import { settings } from './settings.svelte';

/** Milliseconds between looks at the runtimes while some are being prepared, and while the server is away. */
const LOOK_AGAIN = { preparing: 1000, away: 2500 };

/** The language that a first visit begins with, where the server has it. */
const FIRST = 'python';

/** Something that people are told, with what they can do about it. */
export interface Notice {
  text: string;
  action?: { label: string; run: () => void };
}

/** How saving went. */
export type Sharing =
  | { state: 'saving' }
  | { state: 'saved'; id: string; url: string; copied: boolean; output: SharedOutput }
  | { state: 'unsaved'; url: string; copied: boolean; why: string };

/** Whether the link shows what the program wrote: not when it was not run as it is, or was saved before it was. */
export type SharedOutput = 'kept' | 'none' | 'too large' | 'newer';

export class Playground {
  workspace = new Workspace();
  session = new Session();
  runtimes = $state.raw<readonly Runtime[]>([]);
  /** Whether the server has not answered the last time it was asked. */
  away = $state(false);
  loaded = $state(false);
  notice = $state.raw<Notice | undefined>();
  sharing = $state.raw<Sharing | undefined>();
  /** The snippet that was opened. */
  snippet = $state.raw<Pick<Snippet, 'id' | 'run'> | undefined>();
  /** What stands in place of the editor. */
  blank = $state<'' | 'loading' | 'nothing'>('loading');
  embedded = $state(false);
  private opening = 0;
  private keeper = new Keeper(this.workspace);
  private looker: ReturnType<typeof setTimeout> | undefined;

  runtime = $derived.by(() => {
    const { runtime: id, language } = this.workspace;
    return this.runtimes.find((runtime) => runtime.id === id) ?? matching(this.runtimes, language);
  });

  /** Where an embedded program stands by itself. */
  get outside(): string {
    return this.snippet ? `/s/${this.snippet.id}` : `/${location.hash}`;
  }

  /** Whether the work differs from what was opened. */
  get changed(): boolean {
    return this.keeper.changed;
  }

  async begin(): Promise<void> {
    const route = routeOf(location);
    const draft = this.knownDraft(route);
    if (draft) this.load(draft, languageKey(draft.language));
    if (route.kind === 'nothing') this.blank = 'nothing';
    else this.embedded = route.embedded;
    await this.look();
  }

  /** Asks for the runtimes; again and again while that may change something. */
  async look(): Promise<void> {
    clearTimeout(this.looker);
    const first = !this.loaded;
    try {
      this.runtimes = await listRuntimes();
      this.loaded = true;
      this.away = false;
    } catch (error) {
      this.away = error instanceof Refusal && error.unreachable;
      if (!this.away) this.notice = { text: told(error) };
    }
    const preparing = this.runtimes.some((runtime) => runtime.status === 'preparing');
    const wait = this.away ? LOOK_AGAIN.away : preparing ? LOOK_AGAIN.preparing : undefined;
    if (wait) this.looker = setTimeout(() => this.look(), wait);
    if (first && this.loaded) await this.open();
  }

  /** Shows what the address says. */
  async open(): Promise<void> {
    const turn = ++this.opening;
    const route = routeOf(location);
    this.flush();
    this.snippet = undefined;
    if (route.kind === 'nothing') {
      this.blank = 'nothing';
      return;
    }
    this.embedded = route.embedded;
    if (!this.loaded) return;
    try {
      if (route.kind === 'snippet') await this.openSaved(route.id, turn);
      else await this.openUnsaved(route, turn);
    } catch (error) {
      if (turn !== this.opening) return;
      const missing = error instanceof Refusal && [404, 501].includes(error.status);
      if (missing) this.blank = 'nothing';
      else this.notice = { text: told(error), action: { label: 'Try again', run: () => this.open() } };
    }
  }

  private async openSaved(id: string, turn: number): Promise<void> {
    if (this.keeper.key !== linkKey(`/s/${id}`)) this.blank = 'loading';
    const [snippet] = await Promise.all([openSnippet(id), this.session.loadWords()]);
    if (turn !== this.opening) return;
    const program = {
      ...snippet,
      stdin: snippet.stdin ?? '',
      args: snippet.args ?? [],
      title: snippet.title ?? '',
    };
    this.loadOpened(program, linkKey(`/s/${id}`));
    this.snippet = snippet;
    if (snippet.run && !this.changed) this.session.show(snippet.run, this.startOf());
    else this.session.clear();
  }

  private async openUnsaved(route: Route & { kind: 'editor' }, turn: number): Promise<void> {
    let program: Program | undefined;
    if (route.code) {
      const { decode } = await import('../work/links');
      program = await decode(route.code).catch(() => undefined);
      if (!program) this.notice = { text: 'The link is damaged: there is no program in it.' };
    } else if (route.query.has('code')) {
      const { fromQuery } = await import('../work/program');
      program = fromQuery(route.query);
    }
    if (turn !== this.opening) return;
    if (program) {
      this.loadOpened(program, linkKey(location.search + location.hash));
      this.session.clear();
      if (route.embedded && route.query.has('run')) this.run();
      return;
    }
    const language = matching(this.runtimes, wantedLanguage(route) ?? '') ?? this.firstRuntime();
    if (!language) {
      this.notice = { text: 'This server knows no language yet.' };
      return;
    }
    history.replaceState({ language: language.language }, '');
    if (this.keeper.key === languageKey(language.language) && !this.blank) {
      this.keeper.original = content(template(language));
      return;
    }
    this.loadLanguage(language);
  }

  /** The draft that can be shown before the server has answered. */
  private knownDraft(route: Route): Draft | undefined {
    if (route.kind !== 'editor' || route.code || route.query.has('code')) return undefined;
    const language = wantedLanguage(route);
    return language ? recall(languageKey(language.toLowerCase()), isDraft) : undefined;
  }

  private firstRuntime(): Runtime | undefined {
    return (
      matching(this.runtimes, FIRST) ??
      this.runtimes.find(({ status }) => status === 'ready') ??
      this.runtimes[0]
    );
  }

  private loadLanguage(runtime: Runtime): void {
    const key = languageKey(runtime.language);
    const draft = recall(key, isDraft);
    this.load(draft ?? template(runtime), key, template(runtime));
    this.session.clear();
  }

  /** Shows a program from elsewhere, with the changes that were made to it here before. */
  private loadOpened(program: Program, key: string): void {
    const original = opened(program, this.runtimes);
    const draft = recall(key, isDraft);
    this.load(draft ?? original, key, original);
    if (!draft || !this.changed) return;
    const again = () => {
      forget(key);
      this.load(original, key, original);
      this.notice = undefined;
    };
    this.notice = {
      text: 'Shown with the changes that you made before.',
      action: { label: 'Show the original', run: again },
    };
  }

  private load(draft: Draft, key: string, original?: Draft): void {
    this.workspace.load(draft);
    this.keeper.begin(key, original);
    this.blank = '';
    this.notice = undefined;
  }

  /** Chooses a runtime: its language's draft is shown. */
  choose(runtime: Runtime): void {
    settings.language = runtime.language;
    const newest = matching(this.runtimes, runtime.language)?.id === runtime.id;
    if (runtime.language !== this.workspace.language || this.blank) {
      this.flush();
      history.pushState(
        { language: runtime.language },
        '',
        `/?language=${encodeURIComponent(runtime.language)}`,
      );
      this.snippet = undefined;
      this.opening++;
      this.loadLanguage(runtime);
    }
    this.workspace.runtime = newest ? '' : runtime.id;
  }

  /** Shows an example in place of the work, which can be brought back. */
  useExample(example: Example): void {
    const before = this.workspace.draft();
    const changed = this.changed;
    const { language, runtime = '', interactive = false } = before;
    this.workspace.load({
      ...opened({ ...example, language, title: '' }, this.runtimes),
      runtime,
      interactive,
    });
    this.session.clear();
    const back = () => {
      this.workspace.load(before);
      this.notice = undefined;
    };
    if (changed)
      this.notice = {
        text: 'The example took your program’s place.',
        action: { label: 'Bring it back', run: back },
      };
  }

  /** Removes a file, which can be brought back. */
  removeFile(index: number): void {
    const before = this.workspace.draft();
    this.workspace.remove(index);
    const back = () => {
      this.workspace.load(before);
      this.notice = undefined;
    };
    this.notice = { text: `Removed ${before.files[index]?.name}.`, action: { label: 'Undo', run: back } };
  }

  /** Runs the program; if one runs already, stops it. */
  toggleRun(): void {
    if (this.session.busy) this.session.stop();
    else this.run();
  }

  private async run(): Promise<void> {
    const { runtime, session, snippet } = this;
    if (this.blank || !this.workspace.file) return;
    const record = this.changed ? undefined : snippet?.run;
    const start = this.workspace.interactive ? this.conversationOf() : this.startOf();
    if (runtime?.status === 'preparing') {
      start.ready = this.whenReady(runtime.id);
      start.waitingFor = `${runtime.name} is being prepared; the program starts when it is ready…`;
    }
    await session.start(start);
    if (record && session.unreachable && this.snippet === snippet)
      session.show(record, start, 'The server does not answer. Shown is the recorded output.');
  }

  /** A run of the work as it is. */
  private startOf(): Start {
    const { workspace, runtime } = this;
    const request = {
      language: workspace.language,
      ...(workspace.runtime && runtime && { version: runtime.version }),
      files: workspace.sources(),
      ...(workspace.stdin && { stdin: workspace.stdin }),
      args: workspace.argumentList(),
    };
    return { request, diagnostics: runtime?.diagnostics ?? [] };
  }

  /** A run of the work in a terminal: it reads what is typed. */
  private conversationOf(): Start {
    const { request, diagnostics } = this.startOf();
    const { stdin, ...rest } = request;
    return { request: rest, diagnostics, interactive: true };
  }

  /** The last run, if it was one of the work as it is. */
  get result(): Run | undefined {
    return this.session.resultOf(this.startOf().request);
  }

  /** Comes back when a runtime is prepared. */
  private async whenReady(id: string): Promise<void> {
    for (;;) {
      const runtime = this.runtimes.find((runtime) => runtime.id === id);
      if (runtime?.status !== 'preparing') return;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }

  /** Saves the program and gives its link; where the server keeps none, a link with the program in it. */
  async share(anew = false): Promise<void> {
    this.sharing = { state: 'saving' };
    try {
      this.sharing = await (await import('./sharing')).share(this, anew);
    } catch {
      this.sharing = undefined;
      this.unloaded(() => this.share(anew));
    }
  }

  /** Saves a copy of an opened snippet, changed or not. */
  async fork(): Promise<void> {
    try {
      this.notice = await (await import('./sharing')).fork(this);
    } catch {
      this.unloaded(() => this.fork());
    }
  }

  /** Says that a part of the page did not come when it was wanted. */
  unloaded(again?: () => void): void {
    this.notice = {
      text: 'This part of the page could not be loaded: the server does not answer. Your work is kept in this browser.',
      ...(again && { action: { label: 'Try again', run: again } }),
    };
  }

  async linkWithProgram(): Promise<string> {
    return (await import('./sharing')).linkWithProgram(this);
  }

  /** What shows the program in a page of another site, where that can be. */
  async markup(): Promise<string | undefined> {
    return (await import('./sharing')).markupOf(this);
  }

  /** The program as it is saved. */
  toSave(): NewSnippet {
    const { workspace, runtime } = this;
    return {
      language: workspace.language,
      ...(workspace.runtime && runtime && { version: runtime.version }),
      files: workspace.sources(),
      stdin: workspace.stdin,
      args: workspace.argumentList(),
      ...(workspace.title.trim() && { title: workspace.title.trim() }),
    };
  }

  /** Goes to a snippet that was just made from the work. Its output stays. */
  moveTo(id: string, run: Run | undefined): void {
    history.pushState(null, '', `/s/${id}`);
    this.keeper.move(linkKey(`/s/${id}`));
    this.snippet = { id, ...(run && { run }) };
  }

  /** Keeps the work soon. */
  changedNow(): void {
    this.keeper.soon(() => this.flush());
  }

  /** Keeps the work now. */
  flush(): void {
    if (!this.blank && !this.keeper.now())
      this.notice = { text: 'This browser has no room to keep your work.' };
  }
}

/** The language that the address asks for, or that was shown at this step of the history, or that was chosen last. */
function wantedLanguage(route: Route & { kind: 'editor' }): string | undefined {
  const shown: unknown = history.state?.language;
  return route.language ?? (typeof shown === 'string' ? shown : settings.language);
}

/** What went wrong, for people. */
export function told(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
