/** CodeMirror, put together. Search, vim keys and marks come when they are first needed. */
import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language';
import { Compartment, EditorState, type Extension, Prec } from '@codemirror/state';
import {
  type Command,
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { look } from './look';
import { marking } from './marks';

/** What changes while a file is open. */
export const parts = {
  language: new Compartment(),
  vim: new Compartment(),
  search: new Compartment(),
  label: new Compartment(),
};

/** Loads the search panel, then opens it. */
const search: Command = (view) => {
  import('@codemirror/search').then(
    ({ openSearchPanel, search, searchKeymap, highlightSelectionMatches }) => {
      const loaded = [search({ top: true }), highlightSelectionMatches(), keymap.of(searchKeymap)];
      view.dispatch({ effects: parts.search.reconfigure(loaded) });
      openSearchPanel(view);
    },
  );
  return true;
};

/** The state of a newly opened file. */
export function stateOf(text: string, onChange: (text: string) => void): EditorState {
  const extensions: Extension[] = [
    // Before all other keys: vim's must win.
    parts.vim.of([]),
    lineNumbers(),
    highlightActiveLineGutter(),
    highlightSpecialChars(),
    history(),
    drawSelection(),
    EditorState.allowMultipleSelections.of(true),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    highlightActiveLine(),
    indentUnit.of(unitOf(text)),
    parts.search.of(Prec.low(keymap.of([{ key: 'Mod-f', run: search }]))),
    keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, indentWithTab]),
    parts.language.of([]),
    parts.label.of([]),
    marking,
    look,
    EditorView.updateListener.of((update) => {
      if (update.docChanged) onChange(update.state.doc.toString());
    }),
  ];
  return EditorState.create({ doc: text, extensions });
}

/** Tabs where the text has them, else its own number of spaces, else four. */
function unitOf(text: string): string {
  const [indent] = /^(?:\t| {2,8})(?=\S)/m.exec(text) ?? [];
  return indent ?? '    ';
}

/** Names the text field to those who do not see it. */
export function labelled(name: string): Extension {
  return EditorView.contentAttributes.of({
    'aria-label': `Program text of ${name}`,
    autocapitalize: 'off',
    tabindex: '0',
  });
}
