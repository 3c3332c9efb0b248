'use strict';

// Loads shapes described in data.json through modules in lib/.
const fs = require('node:fs');
const path = require('node:path');
const { Vector } = require('./lib/vector');
const shapes = require('./lib/shapes');
const data = require('./data.json');

function build(spec) {
  switch (spec.kind) {
    case 'polygon':
      return new shapes.Polygon(spec.points);
    case 'circle':
      return new shapes.Circle(Vector.from(spec.center), spec.radius);
    default:
      throw new TypeError(`unknown kind "${spec.kind}", expected ${shapes.kinds.join(' or ')}`);
  }
}

function sourceFiles(dir) {
  return fs
    .readdirSync(dir, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const full = path.join(dir, entry.name);
      return entry.isDirectory() ? sourceFiles(full) : [full];
    });
}

async function main() {
  const { default: report, title } = await import('./lib/report.mjs');
  const built = [];
  const problems = [];
  for (const [index, spec] of data.shapes.entries()) {
    try {
      built.push(build(spec));
    } catch (err) {
      problems.push(`shape ${index}: ${err.name}: ${err.message}`);
    }
  }

  console.log(title);
  console.log('='.repeat(title.length));
  report(built).forEach((line) => console.log(line));
  problems.forEach((line) => console.warn(line));

  const total = built.reduce((sum, shape) => sum + shape.area(), 0);
  console.log(`total area ${total.toFixed(3)}`);

  console.log('same module object twice:', require('./lib/shapes/index.js') === shapes);
  console.log('frozen vector:', Object.isFrozen(new Vector(1, 2)), String(new Vector(1, 2).plus(new Vector(3, 4))));
  console.log('sources:', sourceFiles(path.join(__dirname, 'lib')).map((f) => path.relative(__dirname, f)));
  try {
    require('./lib/missing');
  } catch (err) {
    console.log(err.code, err.message.split('\n')[0]);
  }
}

main();
