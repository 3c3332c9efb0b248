/**
 * What a terminal would do with a program's output, as far as a page can: colours and weights, carriage return,
 * backspace, erased lines. Other control sequences are taken out. Sequences may be cut anywhere between two pieces.
 */

/** How a piece of text looks. Colours 0 to 15 are the theme's, others are `#rrggbb`. */
export interface Style {
  readonly fg?: number | string | undefined;
  readonly bg?: number | string | undefined;
  readonly bold?: boolean | undefined;
  readonly dim?: boolean | undefined;
  readonly italic?: boolean | undefined;
  readonly underline?: boolean | undefined;
  readonly inverse?: boolean | undefined;
  readonly strike?: boolean | undefined;
}

/** One thing that output does to the screen. */
export type Step =
  | { kind: 'text'; text: string; style: Style }
  | { kind: 'newline' }
  | { kind: 'return' }
  | { kind: 'back' }
  | { kind: 'erase'; from: 'cursor' | 'start' | 'both' };

export const PLAIN: Style = {};

/** A sequence that is longer than this is none. Characters. */
const LONGEST_SEQUENCE = 4096;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const SPECIAL = /[\u0000-\u0008\u000a-\u001f\u007f\u0080-\u009f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const CONTROL_SEQUENCE = /^\u001b\[([0-9;:?<=>!]*)[ -/]*([@-~])/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const STRING_SEQUENCE = /^\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const SHORT_SEQUENCE = /^\u001b[ -/]*[0-Z\\`-~]/;

/** Reads one stream of output. */
export class AnsiReader {
  private style: Style = PLAIN;
  private pending = '';

  /** What this piece does. */
  read(piece: string): Step[] {
    const steps: Step[] = [];
    let rest = this.pending + piece;
    this.pending = '';
    while (rest) {
      const at = rest.search(SPECIAL);
      if (at !== 0) {
        steps.push({ kind: 'text', text: at < 0 ? rest : rest.slice(0, at), style: this.style });
        if (at < 0) break;
        rest = rest.slice(at);
      }
      const length = this.control(rest, steps);
      if (length === 0) {
        this.pending = rest;
        break;
      }
      rest = rest.slice(length);
    }
    return steps;
  }

  /** Takes the control character or sequence at the start. Gives its length; 0 when more is needed to know. */
  private control(text: string, steps: Step[]): number {
    switch (text[0]) {
      case '\n':
        steps.push({ kind: 'newline' });
        return 1;
      case '\r':
        if (text.length === 1) return 0;
        if (text[1] === '\n') return 1;
        steps.push({ kind: 'return' });
        return 1;
      case '\b':
        steps.push({ kind: 'back' });
        return 1;
      case '\u001b':
        return this.sequence(text, steps);
      default:
        return 1;
    }
  }

  private sequence(text: string, steps: Step[]): number {
    const control = CONTROL_SEQUENCE.exec(text);
    if (control) {
      this.apply(control[2] ?? '', control[1] ?? '', steps);
      return control[0].length;
    }
    const other = STRING_SEQUENCE.exec(text) ?? SHORT_SEQUENCE.exec(text);
    if (other) return other[0].length;
    return text.length > LONGEST_SEQUENCE || (text.length > 2 && !/^.[[\]PX^_ -/]/.test(text)) ? 1 : 0;
  }

  private apply(command: string, parameters: string, steps: Step[]): void {
    if (command === 'm') this.style = restyled(this.style, parameters);
    else if (command === 'K') {
      const from = { '1': 'start', '2': 'both' } as const;
      steps.push({ kind: 'erase', from: from[parameters as '1' | '2'] ?? 'cursor' });
    } else if (command === 'G' && (parameters === '' || parameters === '1')) steps.push({ kind: 'return' });
  }
}

const FLAGS = {
  1: 'bold',
  2: 'dim',
  3: 'italic',
  4: 'underline',
  7: 'inverse',
  9: 'strike',
} as const;
const FLAGS_OFF: Record<number, readonly (keyof Style)[]> = {
  22: ['bold', 'dim'],
  23: ['italic'],
  24: ['underline'],
  27: ['inverse'],
  29: ['strike'],
  39: ['fg'],
  49: ['bg'],
};

/** The style after a "select graphic rendition" sequence. */
function restyled(before: Style, parameters: string): Style {
  const codes = parameters.split(/[;:]/).map((code) => Number(code) || 0);
  let style: { -readonly [Key in keyof Style]: Style[Key] } = { ...before };
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] as number;
    const ground = code < 40 || (code >= 90 && code < 100) ? 'fg' : 'bg';
    if (code === 0) style = {};
    else if (code in FLAGS) style[FLAGS[code as keyof typeof FLAGS]] = true;
    else if (code in FLAGS_OFF) for (const key of FLAGS_OFF[code] ?? []) style[key] = undefined;
    else if (code === 38 || code === 48) {
      const [color, used] = extended(codes.slice(at + 1));
      style[ground] = color;
      at += used;
    } else if ((code >= 30 && code < 38) || (code >= 40 && code < 48)) style[ground] = code % 10;
    else if ((code >= 90 && code < 98) || (code >= 100 && code < 108)) style[ground] = (code % 10) + 8;
  }
  return style;
}

/** A colour of 256 or of all, and how many codes name it. */
function extended(codes: number[]): [number | string | undefined, number] {
  const byte = (value: number | undefined) => Math.min(255, Math.max(0, value ?? 0));
  const hex = (...rgb: number[]) => `#${rgb.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
  if (codes[0] === 2) return [hex(byte(codes[1]), byte(codes[2]), byte(codes[3])), 4];
  if (codes[0] !== 5) return [undefined, 1];
  const index = byte(codes[1]);
  if (index < 16) return [index, 2];
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return [hex(grey, grey, grey), 2];
  }
  const level = (value: number) => (value === 0 ? 0 : 55 + value * 40);
  const cube = index - 16;
  return [hex(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)), 2];
}
