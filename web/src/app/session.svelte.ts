/** One run at a time: what it is doing, what it wrote, how it ended. */
import { Refusal } from '../api/client';
import type { Conversation } from '../api/conversation';
import { runEvents } from '../api/events';
import type { Artifact, Run, RunEvent, RunRequest } from '../api/types';
import type { Painter } from '../output/painter';
import { Finder, marks, type Place } from '../output/places';
import type { Stream } from '../output/screen';
import type { Terminal } from '../terminal/terminal';
import { fromBase64, identity, isTelling, written } from './record';

/** How a pane of output stands. */
export type Phase = 'idle' | 'waiting' | 'running' | 'over';

/** What a run is begun with. */
export interface Start {
  request: RunRequest;
  /** The runtime's patterns for places in the program. */
  diagnostics: readonly string[];
  /** Comes back when the runtime is ready; fails when it will not be. */
  ready?: Promise<void>;
  /** What is said until then. */
  waitingFor?: string;
  /** Whether the program gets a terminal, to be typed into while it runs. */
  interactive?: boolean;
}

/** A bound that a run will soon meet. */
export interface Deadline {
  reason: Extract<RunEvent, { type: 'warning' }>['reason'];
  /** Milliseconds that were left when it was told. */
  left: number;
  /** When it is met: milliseconds since the run was started. */
  at: number;
}

export class Session {
  phase = $state<Phase>('idle');
  /** What is happening, while something is. */
  step = $state('');
  /** Milliseconds since the program was started. */
  elapsed = $state(0);
  result = $state.raw<Run | undefined>();
  /** How results are told: loaded with the first. */
  words = $state.raw<typeof import('./outcome') | undefined>();
  /** Whether the result was recorded with a snippet, not run now. */
  recorded = $state(false);
  /** Why there is no result, or none but a recorded one. */
  failure = $state('');
  /** Where the program's output says that something is wrong. */
  marks = $state.raw<readonly Place[]>([]);
  artifacts = $state.raw<readonly Artifact[]>([]);
  /** Lines of output so far. */
  lines = $state(0);
  /** Whether the output is in the terminal. */
  interactive = $state(false);
  /** Whether an interactive program was asked to end: the next time it is ended. */
  interrupted = $state(false);
  deadline = $state.raw<Deadline | undefined>();
  /** The pane that output goes to. */
  painter: Painter | undefined;
  /** Gives the terminal, in the page and as large as it will be. */
  openTerminal: (() => Promise<Terminal>) | undefined;
  /** The terminal with a program, and the way to it. */
  private terminal: Terminal | undefined;
  private conversation: Conversation | undefined;
  private stage = '';
  /** Whether the server could not be reached for the last run. */
  unreachable = false;
  private abort: AbortController | undefined;
  /** Which program the result belongs to. */
  private program = '';
  private files: string[] = [];
  private diagnostics: readonly string[] = [];

  get busy(): boolean {
    return this.phase === 'waiting' || this.phase === 'running';
  }

  /** Runs a program; a run under way is stopped. */
  async start({ request, diagnostics, ready, waitingFor, interactive = false }: Start): Promise<void> {
    this.end();
    this.reset(
      diagnostics,
      request.files.map((file) => file.name),
    );
    // What was typed belongs to an interactive run, and is not known.
    this.program = interactive ? '' : identity(request);
    this.interactive = interactive;
    const abort = new AbortController();
    this.abort = abort;
    this.phase = 'waiting';
    this.step = waitingFor ?? 'Starting…';
    const words = this.loadWords();
    const begun = performance.now();
    const clock = setInterval(() => {
      this.elapsed = performance.now() - begun;
    }, 100);
    try {
      if (ready) await Promise.race([ready, aborted(abort.signal)]);
      const events = interactive
        ? await this.converse(request, abort.signal)
        : runEvents(request, abort.signal);
      for await (const event of events) if (this.abort === abort) this.take(event);
      await words;
      if (!this.result && !this.failure) this.failure = 'The answer ended too early.';
    } catch (error) {
      this.failure = abort.signal.aborted ? 'Stopped' : told(error);
      if (this.abort === abort) this.unreachable = error instanceof Refusal && error.unreachable;
    } finally {
      clearInterval(clock);
      if (this.abort === abort) {
        this.abort = undefined;
        this.conversation = undefined;
        this.terminal?.end();
        this.terminal = undefined;
        this.deadline = undefined;
        this.interrupted = false;
        this.phase = 'over';
        this.step = '';
        this.update();
      }
    }
  }

  /** Stops what runs. An interactive program is asked first, as Ctrl-C asks; the second time it is ended. */
  stop(): void {
    if (this.conversation && this.phase === 'running' && !this.interrupted) {
      this.interrupted = true;
      this.conversation.interrupt();
    } else this.end();
  }

  private end(): void {
    this.abort?.abort();
  }

  /** Input and output take back the word that there is none. */
  private awake(): void {
    if (this.deadline?.reason === 'idle') this.deadline = undefined;
  }

  /** Begins an interactive run in the terminal. */
  private async converse(request: RunRequest, signal: AbortSignal): Promise<AsyncGenerator<RunEvent>> {
    const [{ Conversation }, terminal] = await Promise.all([
      import('../api/conversation'),
      this.openTerminal?.(),
    ]).catch(() => {
      throw new Refusal('The terminal could not be loaded: the server does not answer.', 0);
    });
    signal.throwIfAborted();
    if (!terminal) throw new Error('There is no place for a terminal.');
    const conversation = new Conversation(request, terminal.size, signal);
    this.conversation = conversation;
    this.terminal = terminal;
    const finder = new Finder(this.diagnostics, this.files);
    terminal.begin({
      typed: (text) => {
        this.awake();
        conversation.type(text);
      },
      resized: (size) => conversation.resize(size),
      placesIn: (line) => finder.find(line).places,
    });
    return conversation.events();
  }

  /** Comes back when results can be told. Where it cannot be loaded, they are shown without words. */
  async loadWords(): Promise<void> {
    this.words ??= await import('./outcome').catch(() => undefined);
  }

  /** Shows a run of a program that was recorded, and if need be why it is not a new one. */
  show(run: Run, { request, diagnostics }: Start, why = ''): void {
    this.end();
    this.reset(
      diagnostics,
      request.files.map((file) => file.name),
    );
    this.program = identity(request);
    for (const stage of run.stages) {
      const { stdout, stderr } = written(stage);
      this.painter?.begin(stage.name);
      this.painter?.write('stdout', stdout);
      this.painter?.write('stderr', stderr);
    }
    this.result = run;
    this.failure = why;
    this.artifacts = run.artifacts;
    this.recorded = true;
    this.phase = 'over';
  }

  /** The run that can be kept with this program: one of exactly it that came to its end. */
  resultOf(request: RunRequest): Run | undefined {
    const { result } = this;
    const fits = this.phase === 'over' && result && isTelling(result) && this.program === identity(request);
    return fits ? result : undefined;
  }

  clear(): void {
    this.end();
    this.reset([], []);
  }

  /** Called when all output is painted, and at the end. */
  update(): void {
    if (!this.painter) return;
    this.lines = this.painter.lineCount;
    if (this.phase !== 'over' || !this.painter.idle) return;
    this.marks = marks(this.painter.lines, new Finder(this.diagnostics, this.files));
  }

  private reset(diagnostics: readonly string[], files: string[]): void {
    // What was under way has no say any more.
    this.abort = undefined;
    this.phase = 'idle';
    this.step = '';
    this.elapsed = 0;
    this.lines = 0;
    this.result = undefined;
    this.recorded = false;
    this.interactive = false;
    this.interrupted = false;
    this.deadline = undefined;
    this.conversation = undefined;
    this.terminal?.end();
    this.terminal = undefined;
    this.stage = '';
    this.failure = '';
    this.unreachable = false;
    this.program = '';
    this.marks = [];
    this.artifacts = [];
    this.files = files;
    this.diagnostics = diagnostics;
    this.painter?.clear();
    if (this.painter) this.painter.finder = new Finder(diagnostics, files);
  }

  private write(stream: Stream, text: string): void {
    // The pane has what is in the terminal too, for the marks in the editor. On a terminal all is one stream.
    this.painter?.write(this.interactive ? 'stderr' : stream, text);
    if (this.stage === 'run') this.terminal?.write(text);
    else this.terminal?.writePlain(text);
  }

  private take(event: RunEvent): void {
    switch (event.type) {
      case 'queued':
        this.step =
          event.position === 1 ? 'Waiting: next in line' : `Waiting: number ${event.position} in line`;
        return;
      case 'started':
        this.phase = 'running';
        this.step = 'Running…';
        return;
      case 'stage':
        this.step = { compile: 'Compiling…', format: 'Formatting…' }[event.name] ?? 'Running…';
        this.stage = event.name;
        this.painter?.begin(event.name);
        return;
      case 'stdout':
      case 'stderr':
        this.awake();
        this.write(event.type, event.encoding === 'base64' ? fromBase64(event.text) : event.text);
        return;
      case 'warning':
        this.deadline = {
          reason: event.reason,
          left: event.remaining_ms,
          at: this.elapsed + event.remaining_ms,
        };
        return;
      case 'stage_end':
        return;
      case 'done': {
        const { type, ...run } = event;
        this.result = run;
        this.artifacts = run.artifacts;
        return;
      }
      case 'problem':
        this.failure = told(Refusal.of(event.problem, event.retry_after));
    }
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function told(error: unknown): string {
  if (!(error instanceof Refusal)) return error instanceof Error ? error.message : String(error);
  return error.retryAfter ? `${error.message} Try again in ${error.retryAfter} s.` : error.message;
}
