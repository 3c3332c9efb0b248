/** The lines of a program's output, as many as a page can show. Knows nothing of the page. */
import { AnsiReader, type Step, type Style } from './ansi';

export type Stream = 'stdout' | 'stderr' | 'note';

/** Text of one look and one origin. */
export interface Segment {
  text: string;
  style: Style;
  stream: Stream;
}

/** One line. */
export class Line {
  segments: Segment[] = [];
  length = 0;
  /** Characters at its end that are not kept. */
  hidden = 0;
  /** The stage that wrote it. */
  stage = '';

  get text(): string {
    return this.segments.map((segment) => segment.text).join('');
  }

  has(stream: Stream): boolean {
    return this.segments.some((segment) => segment.stream === stream);
  }
}

/** Bounds of what is shown. */
export interface ScreenLimits {
  /** Lines; older ones go. */
  lines: number;
  /** Characters of a line; what follows them is only counted. */
  lineChars: number;
  /** Lines that go at a time. */
  block: number;
}

export const LIMITS: ScreenLimits = { lines: 4000, lineChars: 8000, block: 100 };

/** Takes output and keeps its last lines. */
export class Screen {
  lines: Line[] = [];
  /** Lines that are gone: the number of the first one that is kept. */
  first = 0;
  /** Numbers of lines that have changed since `taken` was last called. */
  private changed = new Set<number>();
  private readers = new Map<Stream, AnsiReader>();
  private column = 0;
  private open = false;
  stage = '';

  constructor(private readonly limits: ScreenLimits = LIMITS) {}

  /** Lines so far, those that are gone included. */
  get count(): number {
    return this.first + this.lines.length;
  }

  write(stream: Stream, text: string): void {
    let reader = this.readers.get(stream);
    if (!reader) {
      reader = new AnsiReader();
      this.readers.set(stream, reader);
    }
    for (const step of reader.read(text)) this.take(step, stream);
  }

  /** The changed lines' numbers, once. */
  taken(): number[] {
    const numbers = [...this.changed].filter((number) => number >= this.first);
    this.changed.clear();
    return numbers;
  }

  private take(step: Step, stream: Stream): void {
    switch (step.kind) {
      case 'newline':
        this.current();
        this.open = false;
        this.column = 0;
        return;
      case 'return':
        this.column = 0;
        return;
      case 'back':
        this.column = Math.max(0, this.column - 1);
        return;
      case 'erase': {
        const line = this.current();
        if (step.from !== 'start') cut(line, this.column);
        if (step.from !== 'cursor') overwrite(line, 0, { text: ' '.repeat(this.column), style: {}, stream });
        return;
      }
      case 'text':
        this.put({ text: step.text, style: step.style, stream });
    }
  }

  private put(segment: Segment): void {
    const line = this.current();
    const room = Math.max(0, this.limits.lineChars - this.column);
    const over = segment.text.length - room;
    if (over > 0) {
      line.hidden += over;
      if (room === 0) return;
      segment.text = segment.text.slice(0, room);
    }
    overwrite(line, this.column, segment);
    this.column += segment.text.length;
  }

  /** The line that is written to, begun if need be. */
  private current(): Line {
    if (!this.open) {
      this.open = true;
      const line = new Line();
      line.stage = this.stage;
      this.lines.push(line);
      if (this.lines.length > this.limits.lines + this.limits.block) {
        this.lines.splice(0, this.limits.block);
        this.first += this.limits.block;
      }
    }
    this.changed.add(this.count - 1);
    return this.lines[this.lines.length - 1] as Line;
  }
}

function cut(line: Line, length: number): void {
  if (line.length <= length) return;
  line.segments = sliced(line.segments, 0, length);
  line.length = length;
}

/** Puts a segment at a column, over what stands there. */
function overwrite(line: Line, column: number, segment: Segment): void {
  if (column < line.length) {
    const before = sliced(line.segments, 0, column);
    const after = sliced(line.segments, column + segment.text.length, line.length);
    line.segments = [...before, segment, ...after];
    line.length = Math.max(line.length, column + segment.text.length);
    return;
  }
  const last = line.segments[line.segments.length - 1];
  if (last && last.style === segment.style && last.stream === segment.stream) last.text += segment.text;
  else line.segments.push(segment);
  line.length += segment.text.length;
}

function sliced(segments: Segment[], from: number, to: number): Segment[] {
  const result: Segment[] = [];
  let at = 0;
  for (const segment of segments) {
    const text = segment.text.slice(Math.max(0, from - at), Math.max(0, to - at));
    if (text) result.push({ ...segment, text });
    at += segment.text.length;
  }
  return result;
}
