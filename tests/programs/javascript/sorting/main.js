'use strict';

// A handful of classic sorting algorithms, checked against each other
// on input from a small seeded generator.

function lcg(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  };
}

const stats = { compares: 0 };
const less = (a, b) => {
  stats.compares++;
  return a < b;
};

function insertionSort(list) {
  const a = [...list];
  for (let i = 1; i < a.length; i++) {
    const item = a[i];
    let j = i - 1;
    while (j >= 0 && less(item, a[j])) {
      a[j + 1] = a[j];
      j--;
    }
    a[j + 1] = item;
  }
  return a;
}

function mergeSort(list) {
  if (list.length < 2) return [...list];
  const mid = list.length >> 1;
  const left = mergeSort(list.slice(0, mid));
  const right = mergeSort(list.slice(mid));
  const out = [];
  let i = 0;
  let j = 0;
  while (i < left.length && j < right.length) {
    out.push(less(right[j], left[i]) ? right[j++] : left[i++]);
  }
  return out.concat(left.slice(i), right.slice(j));
}

function quickSort(list) {
  const a = [...list];
  const sort = (lo, hi) => {
    while (lo < hi) {
      const pivot = a[(lo + hi) >> 1];
      let i = lo;
      let j = hi;
      while (i <= j) {
        while (less(a[i], pivot)) i++;
        while (less(pivot, a[j])) j--;
        if (i <= j) {
          [a[i], a[j]] = [a[j], a[i]];
          i++;
          j--;
        }
      }
      sort(lo, j);
      lo = i;
    }
  };
  sort(0, a.length - 1);
  return a;
}

function heapSort(list) {
  const a = [...list];
  const sift = (root, end) => {
    for (;;) {
      let child = 2 * root + 1;
      if (child >= end) return;
      if (child + 1 < end && less(a[child], a[child + 1])) child++;
      if (!less(a[root], a[child])) return;
      [a[root], a[child]] = [a[child], a[root]];
      root = child;
    }
  };
  for (let i = (a.length >> 1) - 1; i >= 0; i--) sift(i, a.length);
  for (let end = a.length - 1; end > 0; end--) {
    [a[0], a[end]] = [a[end], a[0]];
    sift(0, end);
  }
  return a;
}

function radixSort(list) {
  let a = [...list];
  for (let shift = 0; shift < 32; shift += 8) {
    const buckets = Array.from({ length: 256 }, () => []);
    for (const n of a) buckets[(n >>> shift) & 255].push(n);
    a = buckets.flat();
  }
  return a;
}

const next = lcg(2024);
const inputs = {
  random: Array.from({ length: 300 }, () => next() % 1000),
  ascending: Array.from({ length: 300 }, (_, i) => i),
  descending: Array.from({ length: 300 }, (_, i) => 300 - i),
  fewUnique: Array.from({ length: 300 }, () => next() % 4),
  empty: [],
};

const algorithms = { insertionSort, mergeSort, quickSort, heapSort, radixSort };

for (const [label, data] of Object.entries(inputs)) {
  const expected = [...data].sort((x, y) => x - y);
  console.log(`== ${label} (${data.length} items)`);
  for (const [name, fn] of Object.entries(algorithms)) {
    stats.compares = 0;
    const got = fn(data);
    const ok = got.length === expected.length && got.every((v, i) => v === expected[i]);
    console.log(`  ${name.padEnd(14)} ${ok ? 'ok ' : 'BAD'} ${String(stats.compares).padStart(6)} comparisons`);
  }
}

const people = [
  { name: 'Ines', age: 31 },
  { name: 'Bob', age: 25 },
  { name: 'Çağla', age: 31 },
  { name: 'Ana', age: 25 },
];
people.sort((a, b) => a.age - b.age);
console.log('stable by age:', people.map((p) => p.name).join(', '));
console.log(inputs.random.slice(0, 8), '->', mergeSort(inputs.random).slice(0, 8));
