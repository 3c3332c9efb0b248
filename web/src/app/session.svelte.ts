/** One run at a time: what it is doing, what it wrote, how it ended. */
import { Refusal } from '../api/client';
import { runEvents } from '../api/events';
import type { Artifact, Run, RunEvent, RunRequest } from '../api/types';
import type { Painter } from '../output/painter';
import { Finder, marks, type Place } from '../output/places';

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
}

export class Session {
  phase = $state<Phase>('idle');
  /** What is happening, while something is. */
  step = $state('');
  /** Milliseconds since the program was started. */
  elapsed = $state(0);
  result = $state.raw<Run | undefined>();
  /** Whether the result was recorded with a snippet, not run now. */
  recorded = $state(false);
  /** Why there is no result. */
  failure = $state('');
  /** Where the program's output says that something is wrong. */
  marks = $state.raw<readonly Place[]>([]);
  artifacts = $state.raw<readonly Artifact[]>([]);
  /** Lines of output so far. */
  lines = $state(0);
  /** The pane that output goes to. */
  painter: Painter | undefined;
  private abort: AbortController | undefined;
  private files: string[] = [];
  private diagnostics: readonly string[] = [];

  get busy(): boolean {
    return this.phase === 'waiting' || this.phase === 'running';
  }

  /** Runs a program; a run under way is stopped. */
  async start({ request, diagnostics, ready, waitingFor }: Start): Promise<void> {
    this.stop();
    this.reset(
      diagnostics,
      request.files.map((file) => file.name),
    );
    const abort = new AbortController();
    this.abort = abort;
    this.phase = 'waiting';
    this.step = waitingFor ?? 'Starting…';
    const begun = performance.now();
    const clock = setInterval(() => {
      this.elapsed = performance.now() - begun;
    }, 100);
    try {
      if (ready) await Promise.race([ready, aborted(abort.signal)]);
      for await (const event of runEvents(request, abort.signal)) this.take(event);
      if (!this.result && !this.failure) this.failure = 'The answer ended too early.';
    } catch (error) {
      this.failure = abort.signal.aborted ? 'Stopped' : told(error);
    } finally {
      clearInterval(clock);
      if (this.abort === abort) {
        this.abort = undefined;
        this.phase = 'over';
        this.step = '';
        this.update();
      }
    }
  }

  stop(): void {
    this.abort?.abort();
  }

  /** Shows a run that is over. */
  show(run: Run, diagnostics: readonly string[], files: string[]): void {
    this.stop();
    this.reset(diagnostics, files);
    for (const stage of run.stages) {
      const text = stage.encoding === 'base64' ? fromBase64 : (plain: string) => plain;
      this.painter?.begin(stage.name);
      this.painter?.write('stdout', text(stage.stdout));
      this.painter?.write('stderr', text(stage.stderr));
    }
    this.result = run;
    this.artifacts = run.artifacts;
    this.recorded = true;
    this.phase = 'over';
  }

  clear(): void {
    this.stop();
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
    this.phase = 'idle';
    this.step = '';
    this.elapsed = 0;
    this.lines = 0;
    this.result = undefined;
    this.recorded = false;
    this.failure = '';
    this.marks = [];
    this.artifacts = [];
    this.files = files;
    this.diagnostics = diagnostics;
    this.painter?.clear();
    if (this.painter) this.painter.finder = new Finder(diagnostics, files);
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
        this.painter?.begin(event.name);
        return;
      case 'stdout':
      case 'stderr':
        this.painter?.write(event.type, event.encoding === 'base64' ? fromBase64(event.text) : event.text);
        return;
      case 'stage_end':
        return;
      case 'done':
        this.result = event;
        this.artifacts = event.artifacts;
        return;
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

/** Output that is not UTF-8, as well as it can be shown. */
function fromBase64(text: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)));
}
