'use strict';

// Breadth-first search, Dijkstra, A* on a grid, topological order and
// strongly connected components.

class MinHeap {
  #items = [];

  push(priority, value) {
    const a = this.#items;
    let i = a.push({ priority, value }) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (a[parent].priority <= a[i].priority) break;
      [a[parent], a[i]] = [a[i], a[parent]];
      i = parent;
    }
  }

  pop() {
    const a = this.#items;
    const top = a[0];
    const last = a.pop();
    if (a.length) {
      a[0] = last;
      for (let i = 0; ; ) {
        let child = 2 * i + 1;
        if (child >= a.length) break;
        if (child + 1 < a.length && a[child + 1].priority < a[child].priority) child++;
        if (a[i].priority <= a[child].priority) break;
        [a[child], a[i]] = [a[i], a[child]];
        i = child;
      }
    }
    return top;
  }

  get size() {
    return this.#items.length;
  }
}

class Graph {
  constructor(edges, { directed = false } = {}) {
    this.adjacent = new Map();
    for (const [a, b, weight = 1] of edges) {
      this.#link(a, b, weight);
      if (directed) this.#link(b);
      else this.#link(b, a, weight);
    }
  }

  #link(a, b, weight) {
    if (!this.adjacent.has(a)) this.adjacent.set(a, []);
    if (b !== undefined) this.adjacent.get(a).push({ to: b, weight });
  }

  bfs(start) {
    const depth = new Map([[start, 0]]);
    for (const [node, d] of depth) {
      for (const { to } of this.adjacent.get(node)) if (!depth.has(to)) depth.set(to, d + 1);
    }
    return depth;
  }

  shortest(start, goal) {
    const best = new Map([[start, 0]]);
    const previous = new Map();
    const heap = new MinHeap();
    heap.push(0, start);
    while (heap.size) {
      const { priority, value: node } = heap.pop();
      if (node === goal) break;
      if (priority > best.get(node)) continue;
      for (const { to, weight } of this.adjacent.get(node)) {
        const cost = priority + weight;
        if (cost < (best.get(to) ?? Infinity)) {
          best.set(to, cost);
          previous.set(to, node);
          heap.push(cost, to);
        }
      }
    }
    if (!best.has(goal)) return null;
    const path = [goal];
    while (path[0] !== start) path.unshift(previous.get(path[0]));
    return { cost: best.get(goal), path };
  }

  topological() {
    const incoming = new Map([...this.adjacent.keys()].map((n) => [n, 0]));
    for (const links of this.adjacent.values()) for (const { to } of links) incoming.set(to, incoming.get(to) + 1);
    const ready = [...incoming].filter(([, n]) => n === 0).map(([node]) => node);
    const order = [];
    while (ready.length) {
      const node = ready.sort().shift();
      order.push(node);
      for (const { to } of this.adjacent.get(node)) {
        incoming.set(to, incoming.get(to) - 1);
        if (incoming.get(to) === 0) ready.push(to);
      }
    }
    if (order.length < incoming.size) throw new Error('the graph has a cycle');
    return order;
  }

  components() {
    const index = new Map();
    const low = new Map();
    const stack = [];
    const found = [];
    const visit = (node) => {
      index.set(node, index.size);
      low.set(node, index.get(node));
      stack.push(node);
      for (const { to } of this.adjacent.get(node)) {
        if (!index.has(to)) visit(to);
        if (stack.includes(to)) low.set(node, Math.min(low.get(node), low.get(to)));
      }
      if (low.get(node) === index.get(node)) found.push(stack.splice(stack.indexOf(node)).sort());
    };
    for (const node of this.adjacent.keys()) if (!index.has(node)) visit(node);
    return found;
  }
}

const maze = `
#####################
#S..#.....#.........#
#.#.#.###.#.#######.#
#.#...#.#...#.....#.#
#.#####.#####.###.#.#
#.......#.......#.#.#
#######.#.#####.#.#.#
#.......#.#...#.#...#
#.#######.#.#.#.###.#
#...........#.....#E#
#####################`.trim().split('\n').map((row) => [...row]);

function aStar(grid) {
  const find = (ch) => grid.flatMap((row, y) => row.flatMap((c, x) => (c === ch ? [[x, y]] : [])))[0];
  const [start, [ex, ey]] = [find('S'), find('E')];
  const cameFrom = new Map([[String(start), null]]);
  const cost = new Map([[String(start), 0]]);
  const heap = new MinHeap();
  heap.push(0, start);
  let visited = 0;
  while (heap.size) {
    const { value: [x, y] } = heap.pop();
    visited++;
    if (x === ex && y === ey) break;
    for (const [dx, dy] of [[1, 0], [0, 1], [-1, 0], [0, -1]]) {
      const next = [x + dx, y + dy];
      const g = cost.get(`${x},${y}`) + 1;
      if (grid[next[1]][next[0]] === '#' || g >= (cost.get(String(next)) ?? Infinity)) continue;
      cost.set(String(next), g);
      cameFrom.set(String(next), [x, y]);
      heap.push(g + Math.abs(ex - next[0]) + Math.abs(ey - next[1]), next);
    }
  }
  for (let at = cameFrom.get(`${ex},${ey}`); cameFrom.get(String(at)); at = cameFrom.get(String(at))) grid[at[1]][at[0]] = '•';
  return { length: cost.get(`${ex},${ey}`), visited };
}

const roads = new Graph([
  ['Lisboa', 'Porto', 313], ['Lisboa', 'Évora', 133], ['Évora', 'Badajoz', 101], ['Badajoz', 'Madrid', 402],
  ['Porto', 'Salamanca', 349], ['Salamanca', 'Madrid', 213], ['Madrid', 'Zaragoza', 314], ['Zaragoza', 'Barcelona', 306],
  ['Palma', 'Sóller', 27],
]);
console.log('hops from Lisboa:', roads.bfs('Lisboa'));
for (const goal of ['Barcelona', 'Salamanca', 'Palma']) {
  const found = roads.shortest('Lisboa', goal);
  console.log(goal, found ? `${found.cost} km via ${found.path.join(' → ')}` : 'unreachable');
}

const { length, visited } = aStar(maze);
console.log(maze.map((row) => row.join('')).join('\n'));
console.log(`maze: ${length} steps, ${visited} cells expanded`);

const build = [['lib', 'app'], ['core', 'lib'], ['core', 'tests'], ['app', 'package'], ['tests', 'package']];
console.log('build order:', new Graph(build, { directed: true }).topological());
try {
  new Graph([...build, ['package', 'core']], { directed: true }).topological();
} catch (err) {
  console.log('error:', err.message);
}
console.log('components:', new Graph([[1, 2], [2, 3], [3, 1], [3, 4], [4, 5], [5, 4], [5, 6]], { directed: true }).components());
