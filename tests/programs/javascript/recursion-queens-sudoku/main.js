'use strict';

// Two backtracking searches: n-queens with bit masks, and a sudoku solver
// that always fills the cell with the fewest candidates.

function countQueens(n) {
  const full = (1 << n) - 1;
  const place = (cols, left, right) => {
    if (cols === full) return 1;
    let total = 0;
    let free = full & ~(cols | left | right);
    while (free) {
      const bit = free & -free;
      free ^= bit;
      total += place(cols | bit, ((left | bit) << 1) & full, (right | bit) >> 1);
    }
    return total;
  };
  return place(0, 0, 0);
}

function* queens(n, row = 0, placed = []) {
  if (row === n) {
    yield [...placed];
    return;
  }
  for (let col = 0; col < n; col++) {
    const clash = placed.some((c, r) => c === col || Math.abs(c - col) === row - r);
    if (clash) continue;
    placed.push(col);
    yield* queens(n, row + 1, placed);
    placed.pop();
  }
}

class Sudoku {
  constructor(text) {
    this.cells = [...text.replace(/\s/g, '')].map((ch) => (ch === '.' ? 0 : Number(ch)));
    if (this.cells.length !== 81) throw new RangeError(`expected 81 cells, got ${this.cells.length}`);
    this.steps = 0;
  }

  candidates(index) {
    const row = Math.floor(index / 9);
    const col = index % 9;
    const used = new Set();
    for (let i = 0; i < 9; i++) {
      used.add(this.cells[row * 9 + i]);
      used.add(this.cells[i * 9 + col]);
      const r = row - (row % 3) + Math.floor(i / 3);
      const c = col - (col % 3) + (i % 3);
      used.add(this.cells[r * 9 + c]);
    }
    return [1, 2, 3, 4, 5, 6, 7, 8, 9].filter((d) => !used.has(d));
  }

  solve() {
    let best = -1;
    let options = null;
    for (let i = 0; i < 81; i++) {
      if (this.cells[i]) continue;
      const found = this.candidates(i);
      if (!options || found.length < options.length) {
        best = i;
        options = found;
        if (found.length < 2) break;
      }
    }
    if (!options) return true;
    for (const digit of options) {
      this.steps++;
      this.cells[best] = digit;
      if (this.solve()) return true;
    }
    this.cells[best] = 0;
    return false;
  }

  toString() {
    const lines = [];
    for (let r = 0; r < 9; r++) {
      if (r && r % 3 === 0) lines.push('------+-------+------');
      const row = this.cells.slice(r * 9, r * 9 + 9);
      lines.push([0, 3, 6].map((s) => row.slice(s, s + 3).join(' ')).join(' | '));
    }
    return lines.join('\n').replaceAll('0', '.');
  }
}

for (let n = 1; n <= 10; n++) console.log(`${n} queens: ${countQueens(n)} solutions`);

const { value: first } = queens(8).next();
for (const col of first) {
  console.log(Array.from({ length: 8 }, (_, c) => (c === col ? '♛' : '·')).join(' '));
}

const puzzle = new Sudoku(`
  8........ ..36..... .7..9.2..
  .5...7... ....457.. ...1...3.
  ..1....68 ..85...1. .9....4..`);
console.log(`\n${puzzle}\n`);
console.log(puzzle.solve() ? `solved after ${puzzle.steps} guesses` : 'no solution');
console.log(String(puzzle));

try {
  new Sudoku('123');
} catch (err) {
  console.log(`${err.name}: ${err.message}`);
}
