'use strict';

// Formats rows as ASCII, box-drawing, Markdown and CSV tables.

const planets = [
  { name: 'Mercury', diameterKm: 4879, gravity: 3.7, moons: 0, rings: false },
  { name: 'Venus', diameterKm: 12104, gravity: 8.87, moons: 0, rings: false },
  { name: 'Earth', diameterKm: 12756, gravity: 9.8, moons: 1, rings: false },
  { name: 'Mars "Red"', diameterKm: 6792, gravity: 3.71, moons: 2, rings: false },
  { name: 'Jupiter', diameterKm: 142984, gravity: 24.79, moons: 95, rings: true },
  { name: 'Saturn, ringed', diameterKm: 120536, gravity: 10.44, moons: 146, rings: true },
];

const columns = [
  { key: 'name', title: 'Planet', align: 'left' },
  { key: 'diameterKm', title: 'Diameter (km)', align: 'right', format: (n) => n.toLocaleString('en-US') },
  { key: 'gravity', title: 'g (m/s²)', align: 'right', format: (n) => n.toFixed(2) },
  { key: 'moons', title: 'Moons', align: 'center' },
  { key: 'rings', title: 'Rings', align: 'center', format: (b) => (b ? 'yes' : '-') },
];

const pad = {
  left: (s, w) => s.padEnd(w),
  right: (s, w) => s.padStart(w),
  center: (s, w) => s.padStart(s.length + ((w - s.length) >> 1)).padEnd(w),
};

function cells(rows) {
  return rows.map((row) => columns.map(({ key, format = String }) => format(row[key])));
}

function widths(body) {
  return columns.map(({ title }, i) => Math.max(title.length, ...body.map((row) => row[i].length)));
}

const styles = {
  ascii: { top: '+-++', mid: '+-++', bottom: '+-++', bar: '|' },
  box: { top: '┌─┬┐', mid: '├─┼┤', bottom: '└─┴┘', bar: '│' },
  double: { top: '╔═╦╗', mid: '╠═╬╣', bottom: '╚═╩╝', bar: '║' },
};

function render(rows, { top, mid, bottom, bar }) {
  const body = cells(rows);
  const w = widths(body);
  const rule = ([l, fill, cross, r]) => l + w.map((n) => fill.repeat(n + 2)).join(cross) + r;
  const line = (row) => bar + row.map((s, i) => ` ${pad[columns[i].align](s, w[i])} `).join(bar) + bar;
  return [rule(top), line(columns.map((c) => c.title)), rule(mid), ...body.map(line), rule(bottom)].join('\n');
}

function markdown(rows) {
  const marks = { left: ':---', right: '---:', center: ':--:' };
  const line = (row) => `| ${row.join(' | ')} |`;
  return [line(columns.map((c) => c.title)), line(columns.map((c) => marks[c.align])), ...cells(rows).map(line)].join('\n');
}

function csv(rows) {
  const quote = (s) => (/[",\n]/.test(s) ? `"${s.replaceAll('"', '""')}"` : s);
  return [columns.map((c) => c.key), ...rows.map((row) => columns.map(({ key }) => String(row[key])))]
    .map((row) => row.map(quote).join(','))
    .join('\r\n');
}

for (const [name, style] of Object.entries(styles)) {
  console.log(`${name}:`);
  console.log(render(planets, style));
}
console.log(markdown(planets.filter((p) => p.moons > 0)));
console.log(csv(planets));
console.table(planets.slice(2, 4).map(({ name, moons }) => ({ name, moons })));

console.log('%s has %d moons, %i whole, %f exact, %j json, 100%%', 'Mars', 2, 2.9, 2.5, { a: [1] });
for (const n of [0, 1.005, 1234.5678, 1e21, -0, 255]) {
  console.log([n.toFixed(2), n.toExponential(3), n.toPrecision(4), n.toString(16)].join('\t'));
}
