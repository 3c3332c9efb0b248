'use strict';

// A unit converter driven by its arguments. Results go to stdout, problems
// to stderr, and the exit code says how many conversions failed.
const { parseArgs } = require('node:util');
const path = require('node:path');

const units = {
  length: { m: 1, km: 1000, cm: 0.01, mi: 1609.344, ft: 0.3048, in: 0.0254 },
  mass: { kg: 1, g: 0.001, lb: 0.45359237, oz: 0.028349523125 },
  time: { s: 1, min: 60, h: 3600, d: 86400 },
};

class UsageError extends Error {}

function family(unit) {
  for (const [name, table] of Object.entries(units)) {
    if (Object.hasOwn(table, unit)) return { name, factor: table[unit] };
  }
  throw new UsageError(`unknown unit '${unit}'`);
}

function convert(expression) {
  const match = /^(?<amount>[-+]?\d*\.?\d+(?:e[-+]?\d+)?)\s*(?<from>[a-z]+)=(?<to>[a-z]+)$/i.exec(expression);
  if (!match) throw new UsageError(`cannot read '${expression}'`);
  const { amount, from, to } = match.groups;
  const source = family(from);
  const target = family(to);
  if (source.name !== target.name) {
    throw new UsageError(`cannot turn ${source.name} (${from}) into ${target.name} (${to})`);
  }
  return { amount: Number(amount), from, to, result: (Number(amount) * source.factor) / target.factor };
}

function main(argv) {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      digits: { type: 'string', short: 'd', default: '3' },
      verbose: { type: 'boolean', short: 'v', default: false },
      label: { type: 'string', multiple: true, default: [] },
    },
  });
  const program = path.basename(process.argv[1]);
  if (values.verbose) {
    console.error(`${program}: ${positionals.length} conversions, ${values.digits} digits`);
    argv.forEach((arg, i) => console.error(`  argv[${i}] = ${JSON.stringify(arg)}`));
  }
  if (values.label.length) console.log(`[${values.label.join('] [')}]`);

  let failures = 0;
  for (const expression of positionals) {
    try {
      const { amount, from, to, result } = convert(expression);
      console.log(`${amount} ${from} = ${result.toFixed(Number(values.digits))} ${to}`);
    } catch (err) {
      if (!(err instanceof UsageError)) throw err;
      failures++;
      console.error(`${program}: ${err.message}`);
    }
  }
  console.log(`${positionals.length - failures} ok, ${failures} failed`);
  return failures;
}

process.exitCode = main(process.argv.slice(2));
