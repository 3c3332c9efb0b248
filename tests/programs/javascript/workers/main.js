'use strict';

// A small pool of worker threads counts primes and Collatz lengths in
// ranges; results come back in any order and are printed in job order.
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');
const { setTimeout: sleep } = require('node:timers/promises');

const tasks = {
  countPrimes({ from, to }) {
    let count = 0;
    for (let n = Math.max(from, 2); n < to; n++) {
      let prime = true;
      for (let d = 2; d * d <= n; d++) {
        if (n % d === 0) {
          prime = false;
          break;
        }
      }
      if (prime) count++;
    }
    return { count };
  },
  longestCollatz({ from, to }) {
    let best = { start: 0, steps: -1 };
    for (let start = Math.max(from, 1); start < to; start++) {
      let steps = 0;
      for (let n = start; n !== 1; steps++) n = n % 2 ? 3 * n + 1 : n / 2;
      if (steps > best.steps) best = { start, steps };
    }
    return best;
  },
  fail({ reason }) {
    throw new TypeError(reason);
  },
};

class Pool {
  constructor(size) {
    this.queue = [];
    this.pending = new Map();
    this.nextId = 0;
    this.workers = Array.from({ length: size }, (_, index) => {
      const worker = new Worker(__filename, { workerData: { shared: Pool.counter } });
      worker.on('message', (msg) => this.#finish(worker, msg));
      worker.index = index;
      return worker;
    });
    this.idle = [...this.workers];
  }

  static counter = new SharedArrayBuffer(4);

  run(task, args) {
    return new Promise((resolve, reject) => {
      const id = this.nextId++;
      this.pending.set(id, { resolve, reject });
      this.queue.push({ id, task, args });
      this.#dispatch();
    });
  }

  #dispatch() {
    while (this.idle.length && this.queue.length) this.idle.pop().postMessage(this.queue.shift());
  }

  #finish(worker, { id, result, error }) {
    const { resolve, reject } = this.pending.get(id);
    this.pending.delete(id);
    if (error) reject(error);
    else resolve(result);
    this.idle.push(worker);
    this.#dispatch();
  }

  close() {
    return Promise.all(this.workers.map((w) => w.terminate()));
  }
}

async function main() {
  const pool = new Pool(3);
  const ranges = Array.from({ length: 8 }, (_, i) => ({ from: i * 5000, to: (i + 1) * 5000 }));
  const counts = await Promise.all(ranges.map((range) => pool.run('countPrimes', range)));
  counts.forEach(({ count }, i) => console.log(`primes in [${ranges[i].from}, ${ranges[i].to}): ${count}`));
  console.log('total', counts.reduce((sum, { count }) => sum + count, 0));

  const settled = await Promise.allSettled([
    pool.run('longestCollatz', { from: 1, to: 20000 }),
    pool.run('fail', { reason: 'asked to fail' }),
    pool.run('nonsense', {}),
  ]);
  for (const { status, value, reason } of settled) {
    console.log(status, value ?? `${reason.name}: ${reason.message}`);
  }
  console.log('jobs seen by all workers:', Atomics.load(new Int32Array(Pool.counter), 0));
  await pool.close();

  const order = [];
  queueMicrotask(() => order.push('microtask'));
  process.nextTick(() => order.push('nextTick'));
  setImmediate(() => order.push('immediate'));
  order.push('sync');
  await sleep(20);
  console.log(order.join(' > '));
  const winner = await Promise.race([sleep(300, 'slow', { ref: false }), sleep(5, 'fast')]);
  console.log('race:', winner);
}

if (isMainThread) {
  main();
} else {
  const counter = new Int32Array(workerData.shared);
  parentPort.on('message', ({ id, task, args }) => {
    Atomics.add(counter, 0, 1);
    try {
      if (!Object.hasOwn(tasks, task)) throw new RangeError(`no task named ${task}`);
      parentPort.postMessage({ id, result: tasks[task](args) });
    } catch (error) {
      parentPort.postMessage({ id, error });
    }
  });
}
