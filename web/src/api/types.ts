/** The API's types under the names that the page uses. Those of snippets stand here until the description has them. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Runtime = Schemas['Runtime'];
export type Example = Schemas['Example'];
export type RunRequest = Schemas['RunRequest'];
export type RunEvent = Schemas['RunEvent'];
export type Run = Schemas['Run'];
export type Artifact = Schemas['Artifact'];
export type Outcome = Schemas['Outcome'];
export type ProblemBody = Schemas['Problem'];

/** A program's file. */
export interface SourceFile {
  name: string;
  content: string;
}

/** What a snippet is made from. */
export interface NewSnippet {
  language: string;
  version?: string;
  files: SourceFile[];
  stdin?: string;
  args?: string[];
  title?: string;
}

/** A saved program. */
export interface Snippet extends NewSnippet {
  id: string;
  parent?: string | null;
  created_at: string;
  run?: Run | null;
}

/** Where a program was saved. */
export interface SavedSnippet {
  id: string;
  url: string;
}
