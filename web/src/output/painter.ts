/** Puts a screen into the page: a bounded number of elements, at most one frame's worth of work at a time. */
import type { Style } from './ansi';
import type { Finder, Place } from './places';
import { LIMITS, type Line, Screen, type Segment, type Stream } from './screen';

/** Characters that one frame takes in. */
const FRAME_CHARS = 64 * 1024;
/** Milliseconds that one frame paints. */
const FRAME_MS = 8;
/** Characters that are kept for copying; the server's own bound is far below. */
const MOST_KEPT = 64 * 1024 * 1024;

/** One pane of output. */
export class Painter {
  private screen = new Screen();
  private queue: { stream: Stream; text: string; stage: string }[] = [];
  private dirty: number[] = [];
  private blocks = new Map<number, HTMLElement>();
  private frame = 0;
  private kept: string[] = [];
  private keptChars = 0;
  private stage = '';
  finder: Finder | undefined;

  constructor(
    private readonly root: HTMLElement,
    private readonly scroller: HTMLElement,
    private readonly onPlace: (place: Place) => void,
    private readonly onIdle: () => void,
  ) {}

  /** Everything that was written, as it was written. */
  get text(): string {
    return this.kept.join('');
  }

  /** The lines that are shown. */
  get lines(): readonly Line[] {
    return this.screen.lines;
  }

  get lineCount(): number {
    return this.screen.count;
  }

  /** Whether everything that was written can be seen. */
  get idle(): boolean {
    return this.queue.length === 0 && this.dirty.length === 0;
  }

  clear(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.screen = new Screen();
    this.queue = [];
    this.dirty = [];
    this.blocks.clear();
    this.kept = [];
    this.keptChars = 0;
    this.stage = '';
    this.root.replaceChildren();
  }

  begin(stage: string): void {
    this.stage = stage;
  }

  write(stream: Stream, text: string): void {
    if (!text) return;
    if (stream !== 'note' && this.keptChars < MOST_KEPT) {
      this.kept.push(text);
      this.keptChars += text.length;
    }
    for (let at = 0; at < text.length; at += FRAME_CHARS) {
      this.queue.push({ stream, text: text.slice(at, at + FRAME_CHARS), stage: this.stage });
    }
    this.frame ||= requestAnimationFrame(() => this.work());
  }

  private work(): void {
    const stuck = this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < 24;
    const end = performance.now() + FRAME_MS;
    let taken = 0;
    while (this.queue.length > 0 && taken < FRAME_CHARS) {
      const { stream, text, stage } = this.queue.shift() as (typeof this.queue)[number];
      this.screen.stage = stage;
      this.screen.write(stream, text);
      taken += text.length;
    }
    this.dirty.push(...this.screen.taken());
    this.dropBlocks();
    while (this.dirty.length > 0 && performance.now() < end) {
      const number = this.dirty.shift() as number;
      if (number >= this.screen.first) this.paint(number);
    }
    if (stuck) this.scroller.scrollTop = this.scroller.scrollHeight;
    const more = this.queue.length > 0 || this.dirty.length > 0;
    this.frame = more ? requestAnimationFrame(() => this.work()) : 0;
    if (!more) this.onIdle();
  }

  private dropBlocks(): void {
    for (const [first, block] of this.blocks) {
      if (first >= this.screen.first) break;
      block.remove();
      this.blocks.delete(first);
    }
    if (this.screen.first > 0) this.root.dataset.dropped = String(this.screen.first);
  }

  private paint(number: number): void {
    const line = this.screen.lines[number - this.screen.first];
    if (!line) return;
    const first = number - (number % LIMITS.block);
    let block = this.blocks.get(first);
    if (!block) {
      block = element('div', 'block');
      this.root.append(block);
      this.blocks.set(first, block);
    }
    const painted = this.painted(line);
    const old = block.children[number - first];
    if (old) old.replaceWith(painted);
    else block.append(painted);
  }

  private painted(line: Line): HTMLElement {
    const row = element('div', line.has('stderr') ? 'line err' : 'line');
    const places = line.has('note') ? [] : (this.finder?.find(line.text).places ?? []);
    for (const piece of split(line.segments, places)) {
      const node = piece.place ? this.link(piece.place) : element('span', '');
      if (piece.segment.stream !== 'stdout') node.classList.add(piece.segment.stream);
      dress(node, piece.segment.style);
      node.textContent = piece.segment.text;
      row.append(node);
    }
    if (line.hidden > 0) {
      const more = element('span', 'note');
      more.textContent = ` … ${line.hidden.toLocaleString('en')} more characters (Copy has all)`;
      row.append(more);
    }
    // An empty row has no height.
    if (line.length === 0) row.append('\n');
    return row;
  }

  private link(place: Place): HTMLElement {
    const link = element('button', 'place') as HTMLButtonElement;
    link.type = 'button';
    link.title = `Go to line ${place.line} of ${place.file}`;
    link.addEventListener('click', () => this.onPlace(place));
    return link;
  }
}

function element(name: string, className: string): HTMLElement {
  const made = document.createElement(name);
  if (className) made.className = className;
  return made;
}

/** The segments, cut where places begin and end. */
function split(
  segments: readonly Segment[],
  places: readonly Place[],
): { segment: Segment; place?: Place }[] {
  const [place] = places;
  if (!place) return segments.map((segment) => ({ segment }));
  const pieces: { segment: Segment; place?: Place }[] = [];
  let at = 0;
  for (const segment of segments) {
    const cuts = [0, place.start - at, place.end - at, segment.text.length];
    for (let part = 0; part < 3; part++) {
      const text = segment.text.slice(Math.max(0, cuts[part] ?? 0), Math.max(0, cuts[part + 1] ?? 0));
      if (text) pieces.push({ segment: { ...segment, text }, ...(part === 1 && { place }) });
    }
    at += segment.text.length;
  }
  return pieces;
}

/** Colours, so that text can be read in any of the sixteen on any of them; a program's own are shown as they are. */
function dress(node: HTMLElement, { fg, bg, inverse, ...flags }: Style): void {
  for (const flag of ['bold', 'dim', 'italic', 'underline', 'strike'] as const) {
    if (flags[flag]) node.classList.add(flag);
  }
  const { style } = node;
  if (inverse) {
    node.classList.add('inverse');
    if (fg !== undefined) style.backgroundColor = color(fg);
    if (typeof bg === 'string') style.color = bg;
    return;
  }
  if (bg !== undefined) style.backgroundColor = mixed(bg, 20, 'surface');
  if (fg !== undefined) style.color = bg === undefined ? color(fg) : mixed(fg, 50, 'text');
}

/** One of the page's sixteen, or one of the program's own. */
function color(named: number | string): string {
  return typeof named === 'number' ? `var(--c${named})` : named;
}

/** One of the sixteen as so many parts of a hundred, the rest one of the page's colours. */
function mixed(named: number | string, parts: number, rest: string): string {
  return typeof named === 'number' ? `color-mix(in srgb, ${color(named)} ${parts}%, var(--${rest}))` : named;
}
