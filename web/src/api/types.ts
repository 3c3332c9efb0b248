/** The API's types under the names that the page uses. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Runtime = Schemas['Runtime'];
export type Example = Schemas['Example'];
export type RunRequest = Schemas['RunRequest'];
export type RunEvent = Schemas['RunEvent'];
export type Run = Schemas['Run'];
/** What the page says to a program that it talks to. */
export type ClientMessage = Schemas['ClientMessage'];
/** How large a terminal is, in characters. */
export type Size = Schemas['Terminal'];
export type Artifact = Schemas['Artifact'];
export type Outcome = Schemas['Outcome'];
export type ProblemBody = Schemas['Problem'];

/** A program's file. */
export type SourceFile = Schemas['File'];

/** What a snippet is made from. */
export type NewSnippet = Schemas['NewSnippet'] & {
  version?: string;
  stdin: string;
  args: string[];
  title?: string;
};

/** A saved program. */
export type Snippet = Schemas['Snippet'];

/** Where a program was saved. */
export type SavedSnippet = Schemas['SavedSnippet'];
