/**
 * Python for the list of all languages. Its own `python()` brings a list of words to complete, which this editor does not, and
 * which would be in the first load of whoever begins with Python.
 */
import { pythonLanguage } from '@codemirror/lang-python';
import { LanguageSupport } from '@codemirror/language';

export const python = (): LanguageSupport => new LanguageSupport(pythonLanguage);
