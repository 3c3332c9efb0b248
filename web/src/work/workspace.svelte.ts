/** The program that is being worked on: its files, what it reads, its arguments. */
import type { Runtime, SourceFile } from '../api/types';
import { formatArguments, parseArguments } from './arguments';
import type { Draft } from './drafts';
import type { Program } from './program';

/** A file that is open. */
export class OpenFile {
  name = $state('');
  content = $state.raw('');

  constructor(
    readonly id: number,
    file: SourceFile,
  ) {
    this.name = file.name;
    this.content = file.content;
  }
}

let lastId = 0;

export class Workspace {
  language = $state('');
  /** The chosen runtime's id; empty: the newest of the language. */
  runtime = $state('');
  /** The first is the main file. */
  files = $state<OpenFile[]>([]);
  active = $state(0);
  stdin = $state('');
  args = $state('');
  title = $state('');
  /** Whether it is run in a terminal. */
  interactive = $state(false);
  /** Goes up whenever other work takes this one's place, so that the editor begins anew. */
  generation = $state(0);

  get file(): OpenFile | undefined {
    return this.files[this.active] ?? this.files[0];
  }

  /** The work as it can be kept. */
  draft(): Draft {
    const { language, runtime, active, stdin, args, title, interactive } = this;
    return { language, runtime, files: this.sources(), active, stdin, args, title, interactive };
  }

  sources(): SourceFile[] {
    return this.files.map(({ name, content }) => ({ name, content }));
  }

  argumentList(): string[] {
    return parseArguments(this.args);
  }

  load(draft: Draft): void {
    this.language = draft.language;
    this.runtime = draft.runtime ?? '';
    this.files = draft.files.map((file) => new OpenFile(++lastId, file));
    this.active = Math.min(Math.max(0, draft.active), this.files.length - 1);
    this.stdin = draft.stdin;
    this.args = draft.args;
    this.title = draft.title;
    this.interactive = draft.interactive ?? false;
    this.generation++;
  }

  add(name: string): void {
    this.files.push(new OpenFile(++lastId, { name, content: '' }));
    this.active = this.files.length - 1;
  }

  remove(index: number): void {
    if (this.files.length < 2) return;
    const shown = this.file;
    this.files.splice(index, 1);
    const at = shown ? this.files.indexOf(shown) : -1;
    this.active = at >= 0 ? at : Math.min(index, this.files.length - 1);
  }

  makeMain(index: number): void {
    const [file] = this.files.splice(index, 1);
    if (file) this.files.unshift(file);
    this.active = 0;
  }
}

/** Files that a program may have; the server has its own bound. */
export const MOST_FILES = 50;

/** What a runtime's editor opens with. */
export function template(runtime: Runtime): Draft {
  const { language, editor } = runtime;
  const file = { name: editor?.file ?? 'main', content: editor?.template ?? '' };
  return { language, files: [file], active: 0, stdin: '', args: '', title: '' };
}

/** A program from a link, an example or a snippet. */
export function opened(program: Program, runtimes: readonly Runtime[]): Draft {
  const runtime = matching(runtimes, program.language, program.version);
  const files = program.files.map((file) => ({
    ...file,
    name: file.name || runtime?.editor?.file || 'main',
  }));
  return {
    language: runtime?.language ?? program.language,
    ...(program.version && runtime && { runtime: runtime.id }),
    files,
    active: 0,
    stdin: program.stdin,
    args: formatArguments(program.args),
    title: program.title,
  };
}

/** The runtime that a language, by any of its names, and a version mean; the server lists newest first. */
export function matching(runtimes: readonly Runtime[], language: string, version = ''): Runtime | undefined {
  const name = language.trim().toLowerCase();
  const alike = runtimes.filter((runtime) => runtime.language === name || runtime.aliases.includes(name));
  const exact = alike.filter(
    (runtime) => runtime.version === version || runtime.version.startsWith(`${version}.`),
  );
  const usable = (list: readonly Runtime[]) =>
    list.find((runtime) => runtime.status === 'ready') ??
    list.find((runtime) => runtime.status === 'preparing') ??
    list[0];
  return usable(version ? exact : alike) ?? usable(alike);
}
