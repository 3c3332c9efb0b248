/** A terminal in the page, with xterm.js. Loaded when somebody wants one. */
import { FitAddon } from '@xterm/addon-fit';
import { type ILink, type ITheme, Terminal as Xterm } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import type { Size } from '../api/types';
import type { Place } from '../output/places';

export { default as Keys } from './Keys.svelte';

/** Lines that can be scrolled back to. */
const SCROLLBACK = 5000;
/** The names that xterm.js gives to the sixteen colours, in their order. */
const COLORS = [
  'black',
  'red',
  'green',
  'yellow',
  'blue',
  'magenta',
  'cyan',
  'white',
  'brightBlack',
  'brightRed',
  'brightGreen',
  'brightYellow',
  'brightBlue',
  'brightMagenta',
  'brightCyan',
  'brightWhite',
] as const;

/** Keys that can be pressed for somebody who has none, and what they send; arrows stand apart. */
const SENT = { interrupt: '\x03', end: '\x04', tab: '\t', escape: '\x1b' };
const ARROWS = { up: 'A', down: 'B', right: 'C', left: 'D' };
export type Key = keyof typeof SENT | keyof typeof ARROWS;

/** The program at the other end. */
export interface Program {
  typed: (text: string) => void;
  resized: (size: Size) => void;
  /** The places in its files that a line names. */
  placesIn: (line: string) => Place[];
}

export class Terminal {
  private readonly xterm: Xterm;
  private readonly fit = new FitAddon();
  private readonly stop = new AbortController();
  private readonly watchers: { disconnect(): void }[] = [];
  /** The last program. */
  private program: Program | undefined;
  private connected = false;
  /** Whether Escape was the last key: then Tab leaves the terminal. */
  private escaped = false;

  constructor(
    private readonly root: HTMLElement,
    readable: boolean,
    private readonly onPlace: (place: Place) => void,
  ) {
    const look = getComputedStyle(root);
    this.xterm = new Xterm({
      fontFamily: look.fontFamily,
      fontSize: Number.parseFloat(look.fontSize),
      lineHeight: 1.2,
      theme: themeOf(root),
      // As the page's own text: readable whatever colours a program chooses.
      minimumContrastRatio: 4.5,
      scrollback: SCROLLBACK,
      screenReaderMode: readable,
      cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      disableStdin: true,
      // Programs may mark text as links; where those lead nobody here has seen.
      linkHandler: { activate: () => {} },
    });
    this.xterm.loadAddon(this.fit);
    this.xterm.open(root);
    this.xterm.attachCustomKeyEventHandler((event) => this.takes(event));
    this.xterm.onData((text) => this.connected && this.program?.typed(text));
    this.xterm.onResize(({ cols, rows }) => {
      if (this.connected) this.program?.resized({ columns: cols, rows });
    });
    this.xterm.registerLinkProvider({ provideLinks: (row, take) => take(this.linksIn(row)) });
    this.fit.fit();
    this.watch();
  }

  get size(): Size {
    return { columns: this.xterm.cols, rows: this.xterm.rows };
  }

  /** Everything on it, as text. */
  get text(): string {
    const { active } = this.xterm.buffer;
    let text = '';
    for (let row = 0; row < active.length; row++) {
      const line = active.getLine(row);
      if (row > 0 && !line?.isWrapped) text += '\n';
      text += line?.translateToString(!active.getLine(row + 1)?.isWrapped) ?? '';
    }
    return `${text.trimEnd()}\n`;
  }

  /** Empties it and connects it to a program. */
  begin(program: Program): void {
    this.xterm.reset();
    this.program = program;
    this.connected = true;
    this.xterm.options.disableStdin = false;
    this.xterm.focus();
  }

  /** What is typed from now on goes nowhere. */
  end(): void {
    this.connected = false;
    this.xterm.options.disableStdin = true;
    // The cursor of a program that has ended is nobody's.
    this.xterm.write('\x1b[?25l');
  }

  /** Presses a key. What arrows send depends on what the program has asked for (DECCKM). */
  press(key: Key): void {
    const arrow = this.xterm.modes.applicationCursorKeysMode ? '\x1bO' : '\x1b[';
    this.xterm.input(
      key in SENT ? SENT[key as keyof typeof SENT] : arrow + ARROWS[key as keyof typeof ARROWS],
    );
  }

  /** Text of a program that writes to a terminal. */
  write(text: string | Uint8Array): void {
    this.xterm.write(text);
  }

  /** Text of one that does not, as compilers: its lines end without a carriage return. */
  writePlain(text: string): void {
    this.xterm.write(text.replace(/\r?\n/g, '\r\n'));
  }

  setReadable(on: boolean): void {
    this.xterm.options.screenReaderMode = on;
  }

  dispose(): void {
    this.stop.abort();
    for (const watcher of this.watchers) watcher.disconnect();
    this.xterm.dispose();
  }

  /** The places in the program that a row names, from 1. */
  private linksIn(row: number): ILink[] {
    const text = this.xterm.buffer.active.getLine(row - 1)?.translateToString(true) ?? '';
    return (this.program?.placesIn(text) ?? []).map((place) => ({
      text: text.slice(place.start, place.end),
      range: { start: { x: place.start + 1, y: row }, end: { x: place.end, y: row } },
      activate: () => this.onPlace(place),
    }));
  }

  /** Whether a key is for the program; else it is the browser's or the page's. */
  private takes(event: KeyboardEvent): boolean {
    if (event.type !== 'keydown') return true;
    const { key } = event;
    const ctrl = event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey;
    const leaves = key === 'Tab' && (this.escaped || !this.connected);
    if (key !== 'Shift') this.escaped = key === 'Escape';
    if (leaves) return false;
    if (ctrl && key === 'v') return false;
    if (ctrl && key === 'c' && this.xterm.hasSelection()) {
      // The browser copies; then the same key interrupts again.
      setTimeout(() => this.xterm.clearSelection());
      return false;
    }
    return true;
  }

  /** Follows the page's size and theme. */
  private watch(): void {
    const { signal } = this.stop;
    let frame = 0;
    const fitting = new ResizeObserver(() => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => this.fit.fit());
    });
    fitting.observe(this.root);
    const dress = () => {
      this.xterm.options.theme = themeOf(this.root);
    };
    const theme = new MutationObserver(dress);
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', dress, { signal });
    this.watchers.push(fitting, theme);
  }
}

/** The page's colours as they are now. */
function themeOf(root: HTMLElement): ITheme {
  const probe = document.createElement('span');
  root.append(probe);
  const value = (variable: string): string => {
    probe.style.color = `var(--${variable})`;
    return getComputedStyle(probe).color;
  };
  const ground = value('surface');
  const theme = {
    background: ground,
    foreground: value('text'),
    cursor: value('accent'),
    cursorAccent: ground,
    selectionBackground: value('selection'),
    selectionInactiveBackground: value('selection'),
    ...Object.fromEntries(COLORS.map((name, index) => [name, value(`c${index}`)])),
  };
  probe.remove();
  return theme;
}
