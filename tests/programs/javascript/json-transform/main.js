'use strict';

// Reads JSON from stdin, validates it against a small schema, queries it by
// path, transforms it and prints it back in several ways.
const fs = require('node:fs');
const util = require('node:util');

const schema = {
  library: 'string',
  founded: 'number',
  books: [{ title: 'string', authors: ['string'], year: 'number', price: 'number?', tags: ['string'] }],
};

function* validate(value, shape, at = '$') {
  if (typeof shape === 'string') {
    const optional = shape.endsWith('?');
    const wanted = shape.replace('?', '');
    if (value === undefined || value === null) {
      if (!optional) yield `${at}: missing ${wanted}`;
    } else if (typeof value !== wanted) {
      yield `${at}: expected ${wanted}, found ${typeof value} ${JSON.stringify(value)}`;
    }
  } else if (Array.isArray(shape)) {
    if (!Array.isArray(value)) yield `${at}: expected a list`;
    else for (const [i, item] of value.entries()) yield* validate(item, shape[0], `${at}[${i}]`);
  } else {
    for (const [key, inner] of Object.entries(shape)) yield* validate(value?.[key], inner, `${at}.${key}`);
    for (const key of Object.keys(value ?? {})) if (!(key in shape)) yield `${at}.${key}: not in the schema`;
  }
}

function query(root, path) {
  const steps = path.match(/[^.[\]]+/g) ?? [];
  return steps.reduce(
    (nodes, step) => nodes.flatMap((node) => {
      if (node === null || typeof node !== 'object') return [];
      if (step === '*') return Object.values(node);
      return Object.hasOwn(node, step) ? [node[step]] : [];
    }),
    [root],
  );
}

class Money {
  constructor(amount, currency) {
    Object.assign(this, { amount, currency });
  }

  toJSON() {
    return `${this.amount.toFixed(2)} ${this.currency}`;
  }
}

const text = fs.readFileSync(0, 'utf8');
const data = JSON.parse(text);

console.log(`read ${text.length} characters`);
for (const problem of validate(data, schema)) console.log('  !', problem);

for (const path of ['library', 'books[*].title', 'books[0].authors[*]', 'books[*].tags[*]', 'books[9].title']) {
  console.log(path, '=>', JSON.stringify(query(data, path)));
}

const byTag = {};
for (const { title, tags } of data.books) for (const tag of tags) (byTag[tag] ??= []).push(title);
console.log(JSON.stringify(byTag, Object.keys(byTag).sort(), 2));

const priced = data.books.filter((b) => typeof b.price === 'number').map(({ title, price }) => ({ title, price: new Money(price, 'EUR') }));
console.log(JSON.stringify(priced, null, '\t'));

const revived = JSON.parse(JSON.stringify({ priced, big: '123456789012345678901234567890n' }), (key, value) => {
  if (key === 'price') return Number.parseFloat(value);
  return typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value;
});
console.log(util.inspect(revived, { depth: 4, compact: 1 }));

console.log(JSON.stringify({ nan: NaN, inf: -Infinity, undef: undefined, fn() {}, date: new Date(0), list: [undefined, Symbol('x'), -0], 'é\n': '\u0001"' }));
for (const bad of ['{"a": 1,}', '[1, 2', '01', '{"k": undefined}']) {
  try {
    JSON.parse(bad);
  } catch (err) {
    console.log(`${err.name}: ${err.message}`);
  }
}
const loop = { name: 'loop' };
loop.self = { again: loop };
console.log(loop);
try {
  JSON.stringify(loop);
} catch (err) {
  console.log(err.message);
}
