/** Highlighting by the mode that a definition names, or by a file's name. Each language is loaded when it is needed. */
import { LanguageDescription } from '@codemirror/language';
import type { Extension } from '@codemirror/state';

/** What highlights a file; nothing for plain text. */
export async function highlighting(mode: string, fileName: string, isSource: boolean): Promise<Extension> {
  if (isSource && mode === 'text') return [];
  const { languages } = await import('@codemirror/language-data');
  const description = isSource
    ? LanguageDescription.matchLanguageName(languages, mode, false)
    : LanguageDescription.matchFilename(languages, fileName);
  return description ? description.load() : [];
}
