'use strict';

// A task runner whose last task fails with an error nobody catches: the
// interpreter prints the stack trace on stderr and exits with code 1.

class TaskError extends Error {
  constructor(task, options) {
    super(`task "${task}" failed`, options);
    this.name = 'TaskError';
    this.task = task;
    this.code = 'E_TASK';
  }
}

const handlers = {
  sum: (...numbers) => numbers.reduce((a, b) => a + b, 0),
  upper: (text) => text.toUpperCase(),
  parse: (text) => JSON.parse(text),
  lookup: (table, ...path) => path.reduce((node, key) => node[key], table),
  deep: function recurse(n) {
    if (n === 0) throw new RangeError('reached the bottom');
    return recurse(n - 1);
  },
};

function runTask({ name, args }) {
  const handler = handlers[name];
  if (!handler) throw new TaskError(name);
  try {
    return handler(...args);
  } catch (cause) {
    throw new TaskError(name, { cause });
  }
}

function runAll(tasks) {
  for (const [i, task] of tasks.entries()) {
    console.log(`#${i} ${task.name} ->`, runTask(task));
  }
}

process.on('exit', (code) => {
  console.log(`exit handler saw code ${code}`);
});

const harmless = [
  { name: 'sum', args: [1, 2, 3.5] },
  { name: 'upper', args: ['ok — çé'] },
  { name: 'parse', args: ['{"deep": [1, {"x": null}]}'] },
];
runAll(harmless);

for (const task of [{ name: 'missing' }, { name: 'lookup', args: [{ a: {} }, 'a', 'b', 'c'] }]) {
  try {
    runTask(task);
  } catch (err) {
    console.log(`caught ${err.name}: ${err.message}; cause: ${err.cause?.message ?? 'none'}`);
  } finally {
    console.log(`done with ${task.name}`);
  }
}

Promise.reject(new Error('handled in time')).catch((err) => console.log('promise:', err.message));
setTimeout(() => console.log('never printed'), 50);
setImmediate(() => {
  console.error('about to fail');
  runAll([{ name: 'sum', args: [40, 2] }, { name: 'deep', args: [2] }, { name: 'upper', args: ['unreachable'] }]);
});
