// What a first visit loads before a program can be written and run, in bytes as they travel with gzip: the page, its
// scripts and styles with the editor, and the grammar of one language. Fails when that is over the budget. What comes
// after (windows, sharing, search, vim keys) is listed and not counted.
import { readFileSync, statSync } from 'node:fs';

const BUDGET = 170 * 1024;
/** The language that most visitors begin with. */
const FIRST = 'python';
const OTHERS = ['javascript', 'java', 'cpp', 'go', 'rust'];
const LATER = ['windows', 'sharing', 'Artifacts', 'search', 'terminal', 'codemirror-vim', 'language-data'];
const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));

/** Bytes of a file, compressed where it is. */
function size(file) {
  const found = ['.gz', ''].map((ending) =>
    statSync(new URL(file + ending, dist), { throwIfNoEntry: false }),
  );
  return (found[0] ?? found[1]).size;
}

/** The files that a module loads with itself. */
function filesOf(key, seen = new Set()) {
  const chunk = manifest[key];
  if (!chunk || seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const style of chunk.css ?? []) seen.add(style);
  for (const other of chunk.imports ?? []) filesOf(other, seen);
  return seen;
}

const total = (files) => [...files].reduce((sum, file) => sum + size(file), 0);
const find = (part) => {
  const key = Object.keys(manifest).find((key) => manifest[key].file.startsWith(`assets/${part}-`));
  if (!key) throw new Error(`the build has no ${part}`);
  return key;
};
const shell = filesOf('index.html');
const added = (name) => total(filesOf(find(name), new Set(shell))) - total(shell);
const page = size('index.html') + size('favicon.svg') + total(shell);
const sum = page + added(`lang-${FIRST}`);

const show = (bytes, name) => console.log(`${(bytes / 1024).toFixed(1).padStart(7)} KiB  ${name}`);
show(page, 'page, editor and styles');
show(added(`lang-${FIRST}`), `grammar: ${FIRST}`);
show(sum, `first load, of ${BUDGET / 1024} KiB`);
for (const name of OTHERS) show(added(`lang-${name}`), `instead, grammar: ${name}`);
for (const name of LATER) show(added(name), `later: ${name}`);
if (sum > BUDGET) {
  console.error('over the budget');
  process.exit(1);
}

/** What other people's pages load before somebody runs a program there. */
const EMBED_BUDGET = 12 * 1024;
show(size('embed.js'), `embed.js, of ${EMBED_BUDGET / 1024} KiB`);
if (size('embed.js') > EMBED_BUDGET) {
  console.error('embed.js is over its budget');
  process.exit(1);
}
