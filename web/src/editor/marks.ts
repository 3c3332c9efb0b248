/** Marks at places that a run's errors name: the place underlined, what is wrong with it at the end of its line. */
import { type EditorState, StateEffect, StateField, type Text } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, WidgetType } from '@codemirror/view';
import type { Place } from '../output/places';

/** Characters of a message that are shown. */
const LONGEST_MESSAGE = 200;

const setMarks = StateEffect.define<readonly Place[]>();

class Message extends WidgetType {
  constructor(private readonly place: Place) {
    super();
  }

  override eq(other: Message): boolean {
    return other.place.message === this.place.message && other.place.severity === this.place.severity;
  }

  toDOM(): HTMLElement {
    const shown = document.createElement('span');
    shown.className = `cm-message ${this.place.severity}`;
    shown.textContent = this.place.message?.slice(0, LONGEST_MESSAGE) ?? '';
    return shown;
  }
}

const field = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let shown = marks.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(setMarks)) shown = decorations(transaction.state, effect.value);
    }
    return shown;
  },
  provide: (marks) => EditorView.decorations.from(marks),
});

/** What an editor needs to show marks. */
export const marking = field;

/** Shows these marks in the file that is open, in place of others. */
export function showMarks(view: EditorView, places: readonly Place[]): void {
  view.dispatch({ effects: setMarks.of(places) });
}

function decorations({ doc }: EditorState, places: readonly Place[]): DecorationSet {
  const shown = places.filter((place) => place.line >= 1 && place.line <= doc.lines);
  const spoken = new Set<number>();
  return Decoration.set(
    shown.flatMap((place) => {
      const { from, to } = range(doc, place);
      const line = doc.line(place.line);
      const row = Decoration.line({ class: `cm-marked ${place.severity}` }).range(line.from);
      const under = from < to ? [Decoration.mark({ class: `cm-at ${place.severity}` }).range(from, to)] : [];
      // One message a line: the first is the one that the others follow from.
      const first = place.message && !spoken.has(place.line);
      if (first) spoken.add(place.line);
      const text = first ? [Decoration.widget({ widget: new Message(place), side: 1 }).range(line.to)] : [];
      return [row, ...under, ...text];
    }),
    true,
  );
}

/** The word at the column; the whole line where no column is known. */
function range(doc: Text, place: Place): { from: number; to: number } {
  const line = doc.line(place.line);
  const indent = line.text.length - line.text.trimStart().length;
  if (place.column === undefined || place.column > line.length)
    return { from: line.from + indent, to: line.to };
  const from = line.from + place.column - 1;
  const [word] = /^\w+|^./.exec(line.text.slice(place.column - 1)) ?? [''];
  return { from, to: Math.min(line.to, from + word.length) };
}
