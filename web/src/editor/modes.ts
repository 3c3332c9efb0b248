/**
 * Highlighting by the mode that a definition names, or by a file's name. Each grammar is loaded when it is needed.
 *
 * The modes listed here are loaded directly; every other one over CodeMirror's own list of all languages, which would
 * not fit into the budget of a first visit (`npm run budget`).
 */
import { type Language, LanguageDescription, LanguageSupport } from '@codemirror/language';
import type { Extension } from '@codemirror/state';

const COMMON: Record<string, () => Promise<Language>> = {
  c: () => import('@codemirror/lang-cpp').then(({ cppLanguage }) => cppLanguage),
  cpp: () => import('@codemirror/lang-cpp').then(({ cppLanguage }) => cppLanguage),
  go: () => import('@codemirror/lang-go').then(({ goLanguage }) => goLanguage),
  java: () => import('@codemirror/lang-java').then(({ javaLanguage }) => javaLanguage),
  javascript: () =>
    import('@codemirror/lang-javascript').then(({ javascriptLanguage }) => javascriptLanguage),
  python: () => import('@codemirror/lang-python').then(({ pythonLanguage }) => pythonLanguage),
  rust: () => import('@codemirror/lang-rust').then(({ rustLanguage }) => rustLanguage),
  typescript: () =>
    import('@codemirror/lang-javascript').then(({ typescriptLanguage }) => typescriptLanguage),
};

/** What highlights a file; nothing for plain text. */
export async function highlighting(mode: string, fileName: string, isSource: boolean): Promise<Extension> {
  const common = COMMON[mode];
  if (isSource && common) return new LanguageSupport(await common());
  if (isSource ? mode === 'text' : !fileName.includes('.')) return [];
  const { languages } = await import('@codemirror/language-data');
  const description = isSource
    ? LanguageDescription.matchLanguageName(languages, mode, false)
    : LanguageDescription.matchFilename(languages, fileName);
  return description ? description.load() : [];
}
