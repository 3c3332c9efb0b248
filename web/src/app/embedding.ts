/** What other people's pages put in to show a program. Loaded when somebody shares. */
import type { Run } from '../api/types';
import type { Program } from '../work/program';
import { written } from './record';

/** Characters of recorded output that go into a page. */
const MOST_OUTPUT = 10_000;

/**
 * The markup that shows a program in a page of another site: the element of `/embed.js`, whose texts search engines and
 * readers without script have too; for what that cannot carry, a frame with the saved snippet. `undefined` where
 * neither can be: several files, and nowhere saved.
 */
export function embedMarkup(
  origin: string,
  program: Program,
  run: Run | undefined,
  id: string | undefined,
): string | undefined {
  const [file, ...more] = program.files;
  // The element takes arguments as words.
  const simple = more.length === 0 && program.args.every((arg) => /^[^\s"'\\]+$/.test(arg));
  if (!file || !simple) {
    return (
      id &&
      `<iframe src="${origin}/embed/${id}" title="${escaped(program.title || 'Program')}"
  width="100%" height="420" style="border:0" loading="lazy" allow="clipboard-write"></iframe>`
    );
  }
  const output = run ? recordedOutput(run) : '';
  const attributes = [
    ['language', program.language],
    ['version', program.version],
    ['file', file.name],
    ['stdin', program.stdin],
    ['args', program.args.join(' ')],
  ].flatMap(([name, value]) => (value ? [` ${name}="${escaped(value)}"`] : []));
  // Both stand as text in the page, so that they are there where the script does not come.
  const texts = [`<pre>\n${escaped(file.content.trimEnd())}\n</pre>`];
  if (output) texts.push(`<pre slot="output">\n${escaped(output)}\n</pre>`);
  return `<script type="module" src="${origin}/embed.js"></script>
<polyground-snippet${attributes.join('')}>
${texts.join('\n')}
</polyground-snippet>`;
}

/** What a run wrote, shortened. */
function recordedOutput(run: Run): string {
  const text = run.stages
    .map(written)
    .map(({ stdout, stderr }) => stdout + stderr)
    .join('');
  // Colours and movements are not for pages' text.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
  const plain = text.replace(/\u001b\[[\d;?]*[ -/]*[@-~]/g, '').trimEnd();
  return plain.length > MOST_OUTPUT ? `${plain.slice(0, MOST_OUTPUT)}\n…` : plain;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
