'use strict';

// A warehouse that keeps stock per location in nested Maps and
// applies a journal of movements, rejecting the impossible ones.

class StockError extends Error {
  constructor(message, details) {
    super(message);
    this.name = 'StockError';
    this.details = details;
  }
}

class Warehouse {
  #stock = new Map();
  #prices = new Map();
  #history = [];

  price(sku, cents) {
    this.#prices.set(sku, cents);
    return this;
  }

  #shelf(location) {
    if (!this.#stock.has(location)) this.#stock.set(location, new Map());
    return this.#stock.get(location);
  }

  receive(location, sku, qty) {
    if (!this.#prices.has(sku)) throw new StockError(`unknown sku ${sku}`, { sku });
    const shelf = this.#shelf(location);
    shelf.set(sku, (shelf.get(sku) ?? 0) + qty);
    this.#history.push({ kind: 'receive', location, sku, qty });
  }

  ship(location, sku, qty) {
    const shelf = this.#shelf(location);
    const have = shelf.get(sku) ?? 0;
    if (have < qty) throw new StockError(`cannot ship ${qty} of ${sku}`, { location, have, wanted: qty });
    if (have === qty) shelf.delete(sku);
    else shelf.set(sku, have - qty);
    this.#history.push({ kind: 'ship', location, sku, qty });
  }

  move(from, to, sku, qty) {
    this.ship(from, sku, qty);
    this.receive(to, sku, qty);
  }

  *[Symbol.iterator]() {
    for (const [location, shelf] of this.#stock) {
      for (const [sku, qty] of shelf) yield { location, sku, qty, value: qty * this.#prices.get(sku) };
    }
  }

  get movements() {
    return this.#history.reduce((counts, { kind }) => ({ ...counts, [kind]: (counts[kind] ?? 0) + 1 }), {});
  }
}

const euros = (cents) => (cents / 100).toFixed(2).replace(/\B(?=(\d{3})+\.)/g, ' ') + ' €';

const groupBy = (items, key) => {
  const groups = new Map();
  for (const item of items) {
    const k = key(item);
    groups.has(k) ? groups.get(k).push(item) : groups.set(k, [item]);
  }
  return groups;
};

const house = new Warehouse().price('BOLT-M4', 12).price('NUT-M4', 8).price('PLATE', 149900).price('DRILL', 8995);

const journal = [
  ['receive', 'north', 'BOLT-M4', 5000],
  ['receive', 'north', 'NUT-M4', 4000],
  ['receive', 'south', 'PLATE', 12],
  ['receive', 'south', 'LASER', 1],
  ['ship', 'north', 'BOLT-M4', 1250],
  ['move', 'south', 'dock', 'PLATE', 5],
  ['ship', 'dock', 'PLATE', 6],
  ['receive', 'dock', 'DRILL', 3],
  ['ship', 'dock', 'DRILL', 3],
  ['move', 'north', 'dock', 'NUT-M4', 400],
];

journal.forEach(([action, ...args], i) => {
  try {
    house[action](...args);
    console.log(`${i + 1}. ${action}(${args.join(', ')})`);
  } catch (err) {
    if (!(err instanceof StockError)) throw err;
    console.log(`${i + 1}. ${action}(${args.join(', ')}) rejected: ${err.message}`, err.details);
  }
});

console.log();
for (const [location, rows] of groupBy(house, (row) => row.location)) {
  const total = rows.reduce((sum, row) => sum + row.value, 0);
  console.log(`${location}: ${euros(total)}`);
  for (const { sku, qty, value } of rows) console.log(`  ${sku.padEnd(8)} x${qty} = ${euros(value)}`);
}
console.log(house.movements);
console.log(new Map([['weak', new WeakMap() instanceof WeakMap], ['nested', new Map([[NaN, 'NaN key works']])]]));
