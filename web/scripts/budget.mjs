// What a first visit loads, in bytes as they travel with gzip: the page, its scripts and styles with the editor, and
// the largest of the languages that are highlighted with a grammar of their own. Fails when it is over the budget.
import { readFileSync, statSync } from 'node:fs';

const BUDGET = 170 * 1024;
const LANGUAGES = ['python', 'javascript', 'java', 'cpp', 'go', 'rust'];
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
  const key = Object.keys(manifest).find((key) => key.includes(part));
  if (!key) throw new Error(`the build has no ${part}`);
  return key;
};
const shell = filesOf('index.html');
const withData = filesOf(find('@codemirror/language-data'), new Set(shell));
const parts = [['page, editor and styles', size('index.html') + size('favicon.svg') + total(shell)]];
parts.push(['list of languages', total(withData) - total(shell)]);
const grammars = LANGUAGES.map((name) => {
  const files = filesOf(find(`@codemirror/lang-${name}/`), new Set(withData));
  return [`grammar: ${name}`, total(files) - total(withData)];
});
grammars.sort((one, other) => other[1] - one[1]);
const sum = parts.reduce((all, [, bytes]) => all + bytes, 0) + grammars[0][1];

const kib = (bytes) => `${(bytes / 1024).toFixed(1).padStart(7)} KiB`;
for (const [name, bytes] of [...parts, ...grammars]) console.log(`${kib(bytes)}  ${name}`);
console.log(`${kib(sum)}  first load with the largest grammar, of ${kib(BUDGET).trim()}`);
if (sum > BUDGET) {
  console.error('over the budget');
  process.exit(1);
}
