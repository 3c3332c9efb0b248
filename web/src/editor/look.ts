/** The editor's colours, all of them the page's own variables, so that themes need no word here. */
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const colors = HighlightStyle.define([
  {
    tag: [tags.keyword, tags.modifier, tags.operatorKeyword, tags.controlKeyword],
    color: 'var(--code-keyword)',
  },
  { tag: [tags.string, tags.special(tags.string), tags.character, tags.regexp], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom, tags.self], color: 'var(--code-number)' },
  { tag: [tags.comment, tags.meta, tags.processingInstruction], color: 'var(--code-comment)' },
  { tag: [tags.typeName, tags.className, tags.namespace, tags.tagName], color: 'var(--code-type)' },
  {
    tag: [tags.function(tags.variableName), tags.function(tags.propertyName)],
    color: 'var(--code-function)',
  },
  { tag: [tags.standard(tags.variableName), tags.standard(tags.name)], color: 'var(--code-function)' },
  {
    tag: [tags.definition(tags.variableName), tags.propertyName, tags.attributeName],
    color: 'var(--code-name)',
  },
  { tag: [tags.operator, tags.punctuation, tags.bracket], color: 'var(--code-punctuation)' },
  { tag: tags.heading, fontWeight: '600' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: tags.strong, fontWeight: '600' },
  { tag: tags.invalid, textDecoration: 'underline wavy var(--bad)' },
]);

const theme = EditorView.theme({
  '&': {
    height: '100%',
    color: 'var(--text)',
    backgroundColor: 'var(--surface)',
    fontSize: 'var(--code-size)',
  },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.6', overflow: 'auto' },
  '.cm-content': { padding: '12px 0', caretColor: 'var(--accent)' },
  '.cm-line': { padding: '0 14px 0 8px' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--text-faint)', border: 'none' },
  '.cm-lineNumbers .cm-gutterElement': { minWidth: '2.6em', padding: '0 6px 0 10px' },
  '.cm-activeLine': { backgroundColor: 'var(--line)' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground, ::selection':
    {
      backgroundColor: 'var(--selection) !important',
    },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': {
    backgroundColor: 'var(--match)',
    outline: '1px solid var(--border-strong)',
  },
  '.cm-panels': { backgroundColor: 'var(--raised)', color: 'var(--text)', borderColor: 'var(--border)' },
  '.cm-panels input, .cm-panels button': { font: 'inherit' },
  '.cm-textfield': {
    backgroundColor: 'var(--surface)',
    borderColor: 'var(--border-strong)',
    color: 'inherit',
  },
  '.cm-button': {
    backgroundImage: 'none',
    backgroundColor: 'var(--surface)',
    borderColor: 'var(--border-strong)',
  },
  '.cm-searchMatch': { backgroundColor: 'var(--match)' },
  '.cm-searchMatch-selected': { backgroundColor: 'var(--selection)' },
  '.cm-marked.error': { backgroundColor: 'var(--bad-line)' },
  '.cm-at': { textDecoration: 'underline wavy var(--bad)', textUnderlineOffset: '3px' },
  '.cm-at.warning, .cm-at.info': { textDecorationColor: 'var(--warn)' },
  '.cm-message': { marginLeft: '2em', color: 'var(--bad)', fontStyle: 'italic', userSelect: 'none' },
  '.cm-message.warning, .cm-message.info': { color: 'var(--warn)' },
  // Where it would be cut off beside its line it stands below, in as many lines as it needs.
  '@container editor (max-width: 800px)': {
    '.cm-message': {
      display: 'block',
      position: 'sticky',
      left: '4em',
      maxWidth: 'calc(100cqw - 6em)',
      marginLeft: '0',
      whiteSpace: 'pre-wrap',
      overflowWrap: 'anywhere',
    },
    // What the editor puts behind it, at the line's end, would be one line more.
    '.cm-message ~ :is(.cm-widgetBuffer, br)': { display: 'none' },
  },
  '.cm-vim-panel input': { color: 'inherit' },
});

export const look = [theme, syntaxHighlighting(colors)];
