'use strict';

// Reads text from stdin as a stream of lines and reports word statistics.
const readline = require('node:readline');

const STOP_WORDS = new Set(['the', 'a', 'an', 'and', 'of', 'to', 'in', 'is', 'it', 'on', 'at', 'was', 'with']);

class TextStats {
  #words = new Map();

  constructor() {
    this.lines = 0;
    this.chars = 0;
    this.paragraphs = 0;
    this.inParagraph = false;
    this.longestLine = '';
  }

  addLine(line) {
    this.lines++;
    this.chars += [...line].length + 1;
    if (line.trim() === '') {
      this.inParagraph = false;
    } else if (!this.inParagraph) {
      this.inParagraph = true;
      this.paragraphs++;
    }
    if (line.length > this.longestLine.length) this.longestLine = line;
    for (const [word] of line.toLowerCase().matchAll(/\p{L}+(?:['’-]\p{L}+)*/gu)) {
      const entry = this.#words.get(word) ?? { count: 0, lines: [] };
      entry.count++;
      if (entry.lines.at(-1) !== this.lines) entry.lines.push(this.lines);
      this.#words.set(word, entry);
    }
  }

  get total() {
    let sum = 0;
    for (const { count } of this.#words.values()) sum += count;
    return sum;
  }

  get distinct() {
    return this.#words.size;
  }

  *top(limit) {
    const ranked = [...this.#words]
      .filter(([word]) => !STOP_WORDS.has(word))
      .sort(([wa, a], [wb, b]) => b.count - a.count || (wa < wb ? -1 : 1));
    for (const [word, { count, lines }] of ranked.slice(0, limit)) {
      yield { word, count, lines };
    }
  }

  byLength() {
    const groups = new Map();
    for (const word of this.#words.keys()) {
      const n = [...word].length;
      groups.set(n, (groups.get(n) ?? 0) + 1);
    }
    return [...groups].sort(([a], [b]) => a - b);
  }
}

async function main() {
  const stats = new TextStats();
  const rl = readline.createInterface({ input: process.stdin, crlfDelay: Infinity });
  for await (const line of rl) stats.addLine(line);

  console.log(`lines ${stats.lines}, paragraphs ${stats.paragraphs}, characters ${stats.chars}`);
  console.log(`words ${stats.total}, distinct ${stats.distinct}`);
  console.log(`longest line: "${stats.longestLine}"`);
  console.log('\nmost common:');
  for (const { word, count, lines } of stats.top(10)) {
    console.log(`${String(count).padStart(4)}  ${word.padEnd(12)} lines ${lines.join(',')}`);
  }
  console.log('\nword lengths:');
  for (const [length, n] of stats.byLength()) {
    console.log(`${String(length).padStart(4)}  ${'#'.repeat(n)} ${n}`);
  }
}

main();
