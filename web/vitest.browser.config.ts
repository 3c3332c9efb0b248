import { defineConfig } from 'vitest/config';

// One file after the other: they share one server, whose queue is bounded, and one browser at a time is enough to bear.
export default defineConfig({
  test: {
    include: ['tests/browser/**/*.test.ts'],
    globalSetup: ['tests/browser/server.ts'],
    fileParallelism: false,
    testTimeout: 30_000,
    hookTimeout: 120_000,
    bail: 0,
  },
});
