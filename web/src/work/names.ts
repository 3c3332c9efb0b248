/** Names of files, as the server will take them. */

/** What is wrong with a file's name, in a sentence; `undefined` when nothing is. */
export function nameProblem(name: string, others: readonly string[]): string | undefined {
  if (!name.trim()) return 'A file needs a name.';
  if (name !== name.trim()) return 'No spaces at the ends, please.';
  if (name.length > 200) return 'At most 200 characters.';
  if (name.startsWith('/')) return 'The name must not begin with “/”.';
  if (name.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    return 'No empty parts, “.” or “..” between slashes.';
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these cannot be in names
  if (/[\u0000-\u001f\u007f\\]/.test(name)) return 'No control characters or backslashes.';
  if (others.includes(name)) return 'Another file has this name.';
  if (others.some((other) => other.startsWith(`${name}/`) || name.startsWith(`${other}/`))) {
    return 'A file and a folder cannot have the same name.';
  }
  return undefined;
}
