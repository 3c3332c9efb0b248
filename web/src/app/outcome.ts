/** How a run's end is told to people. */
import type { Run } from '../api/types';

export type Tone = 'good' | 'bad' | 'calm';

/** Those that programs end by, with what they mean where the name does not say. */
const SIGNALS: Record<number, string> = {
  4: 'SIGILL: illegal instruction',
  6: 'SIGABRT: aborted',
  7: 'SIGBUS: bus error',
  8: 'SIGFPE: arithmetic error',
  9: 'SIGKILL',
  11: 'SIGSEGV: not the program’s memory',
  13: 'SIGPIPE',
  15: 'SIGTERM',
  25: 'SIGXFSZ: file too large',
  31: 'SIGSYS: forbidden system call',
};

/** The outcome in a few words. */
export function headline(run: Run): { text: string; tone: Tone } {
  switch (run.outcome) {
    case 'succeeded':
      return { text: 'Finished', tone: 'good' };
    case 'failed':
      return { text: ending(run) ?? 'Failed', tone: 'bad' };
    case 'compile_failed':
      return { text: 'Did not compile', tone: 'bad' };
    case 'timed_out':
      return { text: 'Stopped: out of time', tone: 'bad' };
    case 'out_of_memory':
      return { text: 'Stopped: out of memory', tone: 'bad' };
    case 'output_limit':
      return { text: 'Stopped: too much output', tone: 'bad' };
    case 'cancelled':
      return { text: 'Stopped', tone: 'calm' };
    case 'internal_error':
      return { text: 'The server failed, not the program', tone: 'bad' };
  }
}

function ending(run: Run): string | undefined {
  const last = run.stages[run.stages.length - 1];
  if (!last) return undefined;
  if (last.signal !== null && last.signal !== undefined) {
    const name = SIGNALS[last.signal];
    return `Ended by signal ${last.signal}${name ? ` (${name})` : ''}`;
  }
  return last.exit_code === null ? undefined : `Exited with code ${last.exit_code}`;
}

/** A number with what it means. */
export interface Fact {
  label: string;
  value: string;
  title: string;
}

/** What a run used. */
export function facts(run: Run): Fact[] {
  const last = run.stages[run.stages.length - 1];
  const found: Fact[] = [];
  if (last && last.exit_code !== null && run.outcome !== 'failed') {
    found.push({
      label: 'exit code',
      value: String(last.exit_code),
      title: 'What the main process exited with',
    });
  }
  for (const stage of run.stages) {
    const name = run.stages.length > 1 ? `${stage.name} ` : '';
    found.push(
      {
        label: `${name}time`,
        value: milliseconds(stage.wall_ms),
        title: `From the ${stage.name} stage’s start to its end`,
      },
      { label: `${name}CPU`, value: milliseconds(stage.cpu_ms), title: 'CPU time, all processes together' },
    );
  }
  if (last) {
    found.push({ label: 'memory', value: bytes(last.peak_memory_bytes), title: 'The most memory at a time' });
  }
  if (run.queue_ms >= 100) {
    found.push({ label: 'waited', value: milliseconds(run.queue_ms), title: 'Time in the queue' });
  }
  if (run.stages.some((stage) => stage.truncated)) {
    found.push({ label: 'output', value: 'cut off', title: 'The program wrote more than it may' });
  }
  return found;
}

export function milliseconds(value: number): string {
  if (value < 10) return `${value.toFixed(1)} ms`;
  if (value < 1000) return `${Math.round(value)} ms`;
  return `${(value / 1000).toFixed(value < 10_000 ? 2 : 1)} s`;
}

export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let unit = 0;
  let shown = value;
  while (shown >= 1024 && unit < units.length - 1) {
    shown /= 1024;
    unit++;
  }
  return `${shown < 10 && unit > 0 ? shown.toFixed(1) : Math.round(shown)} ${units[unit]}`;
}
