/** Links to the work: saved by the server, or with the program in them. Loaded when somebody shares. */
import { ask, posting, Refusal } from '../api/client';
import type { NewSnippet, SavedSnippet } from '../api/types';
import { encode } from '../work/links';
import { copy } from './clipboard';
import { type Notice, type Playground, type Sharing, told } from './playground.svelte';

/** Saves the program and gives its link; where the server keeps none, a link with the program in it. */
export async function share(playground: Playground): Promise<Sharing> {
  const { snippet } = playground;
  try {
    const id = snippet && !playground.changed ? snippet.id : await save(playground);
    const url = new URL(`/s/${id}`, location.href).href;
    return { state: 'saved', url, copied: await copy(url) };
  } catch (error) {
    const url = await linkWithProgram(playground);
    const none = error instanceof Refusal && [404, 405, 501].includes(error.status);
    const why = none ? 'This server does not keep programs.' : `It could not be saved. ${told(error)}`;
    return { state: 'unsaved', url, copied: await copy(url), why };
  }
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
  const { language, version, files, stdin, args, title = '' } = playground.toSave();
  const code = await encode({ language, ...(version && { version }), files, stdin, args, title });
  return new URL(`/#code=${code}`, location.href).href;
}

/** Saves the work, as a child of the snippet that it came from if there is one, and goes there. */
async function save(playground: Playground): Promise<string> {
  const program: NewSnippet = playground.toSave();
  const parent = playground.snippet?.id;
  const path = parent ? `/snippets/${encodeURIComponent(parent)}/forks` : '/snippets';
  const saved: SavedSnippet = await (await ask(path, posting(program))).json();
  playground.moveTo(saved.id);
  return saved.id;
}
