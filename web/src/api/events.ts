/** A run as events. Server-sent events over `fetch`, as `EventSource` cannot post. */
import { ask, posting, Refusal } from './client';
import type { RunEvent, RunRequest } from './types';

/** Starts a run. Aborting the signal hangs up, which stops the program. */
export async function* runEvents(request: RunRequest, signal: AbortSignal): AsyncGenerator<RunEvent> {
  const headers = { accept: 'text/event-stream' };
  const response = await ask('/runs', posting(request, { headers, signal }));
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const frames = new Frames();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      yield* frames.push(value) as Iterable<RunEvent>;
    }
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Refusal('The connection broke off while the program ran.', 0);
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** Cuts a stream of text into the JSON of its events. */
export class Frames {
  private pending = '';

  /** The events that this text completes. */
  *push(text: string): Generator<unknown> {
    this.pending += text;
    for (;;) {
      const end = this.pending.indexOf('\n\n');
      if (end < 0) return;
      const frame = this.pending.slice(0, end);
      this.pending = this.pending.slice(end + 2);
      const data = frame
        .split('\n')
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice('data:'.length).replace(/^ /, ''))
        .join('\n');
      if (data) yield JSON.parse(data);
    }
  }
}
