/** Tables as text (RFC 4180, and separated by semicolons or tabs as well). */

/** The first rows of a table. Quoted cells may hold separators and line ends. */
export function parseTable(text: string, mostRows: number): string[][] {
  const [head = ''] = /^[^\n]*/.exec(text) ?? [];
  const separator = [',', ';', '\t'].reduce((best, each) =>
    head.split(each).length > head.split(best).length ? each : best,
  );
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length && rows.length < mostRows; at++) {
    const letter = text[at] as string;
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') cell += text[++at];
      else quoted = false;
    } else if (letter === '"' && cell === '') quoted = true;
    else if (letter === separator || letter === '\n') {
      row.push(cell);
      cell = '';
      if (letter === '\n') {
        rows.push(row);
        row = [];
      }
    } else if (letter !== '\r') cell += letter;
  }
  if ((cell || row.length > 0) && rows.length < mostRows) rows.push([...row, cell]);
  return rows;
}
