/** A program's arguments as one line of text, quoted as in a shell: `one "two words" 'and "more"'`. */

export function parseArguments(text: string): string[] {
  const args: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] as string;
    if (quote) {
      if (letter === quote) quote = '';
      else if (letter === '\\' && quote === '"' && /["\\]/.test(text[at + 1] ?? '')) word += text[++at] ?? '';
      else word += letter;
    } else if (letter === '"' || letter === "'") {
      quote = letter;
      word ??= '';
    } else if (letter === '\\' && at + 1 < text.length) word = (word ?? '') + text[++at];
    else if (/\s/.test(letter)) {
      if (word !== undefined) args.push(word);
      word = undefined;
    } else word = (word ?? '') + letter;
  }
  if (word !== undefined) args.push(word);
  return args;
}

export function formatArguments(args: readonly string[]): string {
  return args
    .map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `"${arg.replace(/["\\]/g, '\\$&')}"`))
    .join(' ');
}
