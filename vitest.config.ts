import { defineConfig } from 'vitest/config';

/** Files share a worker's modules: reading and compiling them anew for each costs more than the tests. */
const shared = { isolate: false, expect: { poll: { timeout: 20_000 } } };

/** Three suites by cost: `unit` does no I/O, `integration` talks to real servers, `e2e` spawns the CLI. */
export default defineConfig({
  test: {
    // Most of the time tests wait for servers, timers and disks: more workers than cores pay off.
    maxWorkers: 4,
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'test/*.test.ts',
            'test/model/*.test.ts',
            'chaos/**/*.test.ts',
          ],
          exclude: ['**/*.int.test.ts'],
        },
      },
      {
        test: {
          ...shared,
          name: 'integration',
          include: ['src/**/*.int.test.ts', 'test/conformance/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          globalSetup: ['test/support/servers.ts'],
        },
      },
      {
        test: {
          ...shared,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          globalSetup: ['test/e2e/build.ts'],
        },
      },
    ],
  },
});
