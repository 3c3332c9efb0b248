/** A program as it travels. */
import type { SourceFile } from '../api/types';
import { parseArguments } from './arguments';

/** A program with all that belongs to it. */
export interface Program {
  language: string;
  version?: string;
  files: SourceFile[];
  stdin: string;
  args: string[];
  title: string;
}

/** The program in a query, as other people's pages link to us (`?language=…&code=…`). Its file has no name yet. `undefined` when it holds no code. */
export function fromQuery(query: URLSearchParams): Program | undefined {
  const [language, code] = [query.get('language'), query.get('code')];
  if (!language || code === null) return undefined;
  const version = query.get('version');
  return {
    language,
    ...(version && { version }),
    files: [{ name: query.get('file') ?? '', content: code }],
    stdin: query.get('stdin') ?? '',
    args: parseArguments(query.get('args') ?? ''),
    title: query.get('title') ?? '',
  };
}
