/**
 * Places in the program that its output names: `main.py", line 3`. The patterns come from the runtime's definition
 * (`diagnostics:`), so nothing here knows a language.
 */
import type { Line } from './screen';

/** A place that a line names. */
export interface Place {
  /** Where in the line it stands. */
  start: number;
  end: number;
  /** One of the program's files. */
  file: string;
  /** From 1. */
  line: number;
  /** From 1, where it is known. */
  column?: number | undefined;
  severity: 'error' | 'warning' | 'info';
  message?: string | undefined;
}

/** What a line says. */
export interface Finding {
  places: Place[];
  /** What went wrong, where the line says only that. */
  message?: string;
}

/** Longer lines are not searched. Characters. */
const LONGEST_LINE = 1000;
/** Marks that an editor is given. */
const MOST_MARKS = 100;

/** Searches lines by a runtime's patterns. */
export class Finder {
  private readonly patterns: RegExp[];

  constructor(
    patterns: readonly string[],
    private readonly files: readonly string[],
  ) {
    this.patterns = patterns.flatMap((pattern) => {
      try {
        return [new RegExp(pattern, 'd')];
      } catch {
        return [];
      }
    });
  }

  find(text: string): Finding {
    if (text.length > LONGEST_LINE) return { places: [] };
    for (const pattern of this.patterns) {
      const match = pattern.exec(text);
      const groups = match?.groups;
      if (!match || !groups) continue;
      if (groups.line === undefined)
        return groups.message ? { places: [], message: groups.message } : { places: [] };
      const file = this.file(groups.file);
      if (file === undefined) continue;
      const range = placeRange(match);
      const column = groups.column ? Number(groups.column) : undefined;
      const message = groups.message?.trim();
      return {
        places: [
          { ...range, file, line: Number(groups.line), column, severity: severity(groups.severity), message },
        ],
      };
    }
    return { places: [] };
  }

  /** The program's file that is meant; compilers add folders, tracebacks leave them out. */
  private file(written: string | undefined): string | undefined {
    if (written === undefined) return this.files[0];
    const name = written.replace(/^file:\/\//, '').replace(/^(\/box\/|\.\/)+/, '');
    if (this.files.includes(name)) return name;
    const alike = this.files.filter((file) => file.split('/').pop() === name);
    return alike.length === 1 ? alike[0] : undefined;
  }
}

/** From the file's name to the line's and column's number. */
function placeRange(match: RegExpExecArray): { start: number; end: number } {
  const indices = match.indices?.groups ?? {};
  const spans = ['file', 'line', 'column'].flatMap((name) => (indices[name] ? [indices[name]] : []));
  const start = Math.min(...spans.map((span) => span[0]));
  return { start, end: Math.max(...spans.map((span) => span[1])) };
}

function severity(word: string | undefined): Place['severity'] {
  if (word === undefined || word === 'error') return 'error';
  return word === 'warning' ? 'warning' : 'info';
}

/**
 * The places that lines of errors name, for marks in the editor: each once. Of a traceback's places the one beside its
 * message has it; the others are only the way there.
 */
export function marks(lines: readonly Line[], finder: Finder): Place[] {
  const found = new Map<string, Place>();
  /** What went wrong, until a place has taken it. */
  let message: string | undefined;
  /** The last place without a message of its own. */
  let last: Place | undefined;
  for (const line of lines) {
    if (!line.has('stderr') && line.stage !== 'compile') continue;
    const finding = finder.find(line.text);
    if (finding.message !== undefined) {
      if (last && last.message === undefined) tell(last, finding.message);
      else message = finding.message;
      last = undefined;
    }
    for (const place of finding.places) {
      const key = `${place.file}:${place.line}:${place.message ?? ''}`;
      if (found.has(key) || found.size >= MOST_MARKS) continue;
      found.set(key, place);
      if (place.message !== undefined) continue;
      place.severity = 'info';
      if (message !== undefined) tell(place, message);
      else last = place;
      message = undefined;
    }
  }
  return [...found.values()];
}

/**
 * The place after a line, or before it, through the files in their order; behind the last comes the first.
 * Several in one line count as one.
 */
export function neighbour(
  places: readonly Place[],
  files: readonly string[],
  from: Pick<Place, 'file' | 'line'>,
  step: 1 | -1,
): Place | undefined {
  const compare = (one: Pick<Place, 'file' | 'line'>, other: Pick<Place, 'file' | 'line'>) =>
    step * (files.indexOf(one.file) - files.indexOf(other.file) || one.line - other.line);
  const inOrder = places.filter(({ file }) => files.includes(file)).sort(compare);
  return inOrder.find((place) => compare(place, from) > 0) ?? inOrder[0];
}

function tell(place: Place, message: string): void {
  place.message = message;
  place.severity = 'error';
}
