/** Links to the work: saved by the server, or with the program in them. Loaded when somebody shares. */
import { ask, posting, Refusal } from '../api/client';
import type { NewSnippet, Run, SavedSnippet } from '../api/types';
import { encode } from '../work/links';
import type { Program } from '../work/program';
import { copy } from './clipboard';
import { embedMarkup } from './embedding';
import { type Notice, type Playground, type SharedOutput, type Sharing, told } from './playground.svelte';

/**
 * Saves the program with its last run and gives its link; where the server keeps none, a link with the program in it.
 * What was opened and not changed has its link, unless it is to be saved anew.
 */
export async function share(playground: Playground, anew = false): Promise<Sharing> {
  const { snippet } = playground;
  try {
    const known = snippet && !playground.changed && !anew;
    const { id, output } = known ? { id: snippet.id, output: outputOf(playground) } : await save(playground);
    const url = new URL(`/s/${id}`, location.href).href;
    return { state: 'saved', id, url, output, copied: await copy(url) };
  } catch (error) {
    const url = await linkWithProgram(playground);
    const none = error instanceof Refusal && [404, 405, 501].includes(error.status);
    const why = none ? 'This server does not keep programs.' : `It could not be saved. ${told(error)}`;
    return { state: 'unsaved', url, copied: await copy(url), why };
  }
}

/** Whether an opened snippet shows its output. */
function outputOf({ snippet, result }: Playground): SharedOutput {
  if (snippet?.run) return 'kept';
  return result ? 'newer' : 'none';
}

/** Saves a copy of an opened snippet. */
export async function fork(playground: Playground): Promise<Notice> {
  try {
    await save(playground);
    return { text: 'This is your own copy now.' };
  } catch (error) {
    return { text: `It could not be forked. ${told(error)}` };
  }
}

/** A link that carries the program itself. */
export async function linkWithProgram(playground: Playground): Promise<string> {
  return new URL(`/#code=${await encode(programOf(playground))}`, location.href).href;
}

/** What shows the program in a page of another site, where that can be. */
export function markupOf(playground: Playground): string | undefined {
  const { snippet, changed, result } = playground;
  const saved = changed ? undefined : snippet;
  return embedMarkup(location.origin, programOf(playground), result ?? saved?.run, saved?.id);
}

function programOf(playground: Playground): Program {
  const { language, version, files, stdin, args, title = '' } = playground.toSave();
  return { language, ...(version && { version }), files, stdin, args, title };
}

/** Saves the work, as a child of the snippet that it came from if there is one, and goes there. */
async function save(playground: Playground): Promise<{ id: string; output: SharedOutput }> {
  const program: NewSnippet = playground.toSave();
  const parent = playground.snippet?.id;
  const path = parent ? `/snippets/${encodeURIComponent(parent)}/forks` : '/snippets';
  const send = async (run: Run | undefined): Promise<string> => {
    const saved: SavedSnippet = await (await ask(path, posting({ ...program, ...(run && { run }) }))).json();
    playground.moveTo(saved.id, run);
    return saved.id;
  };
  const run = playground.result;
  try {
    return { id: await send(run), output: run ? 'kept' : 'none' };
  } catch (error) {
    const tooLarge = run && error instanceof Refusal && error.status === 413;
    if (!tooLarge) throw error;
    return { id: await send(undefined), output: 'too large' };
  }
}
