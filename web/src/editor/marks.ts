/** Marks at places that a run's errors name. Loaded when there are any. */
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import type { EditorState, Text } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import type { Place } from '../output/places';

/** Shows marks in the file that is open. */
export function showMarks(view: EditorView, places: readonly Place[]): void {
  view.dispatch(setDiagnostics(view.state, diagnostics(view.state, places)));
}

function diagnostics(state: EditorState, places: readonly Place[]): Diagnostic[] {
  return places
    .filter((place) => place.line >= 1 && place.line <= state.doc.lines)
    .map((place) => ({
      ...range(state.doc, place),
      severity: place.severity,
      message: place.message ?? 'Here',
    }))
    .sort((one, other) => one.from - other.from);
}

/** From the column to the end of the word there; the whole line where no column is known. */
function range(doc: Text, place: Place): { from: number; to: number } {
  const line = doc.line(place.line);
  const indent = line.text.length - line.text.trimStart().length;
  if (place.column === undefined || place.column > line.length + 1)
    return { from: line.from + indent, to: line.to };
  const from = line.from + place.column - 1;
  const [word] = /^\w+|^./.exec(line.text.slice(place.column - 1)) ?? [''];
  return { from, to: Math.min(line.to, from + word.length) };
}

export { lintGutter };
