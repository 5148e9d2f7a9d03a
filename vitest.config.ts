import { defineConfig } from 'vitest/config'

/** What shows by and by may take this long on a busy machine; a second is the default. */
const pollTimeout = 20_000

/** One project a part of `make test`; each says how long its tests may take. */
const part = (name: string, include: string[], testTimeout: number, serial = false, globalSetup: string[] = []) => ({
  test: {
    ...{ name, include, testTimeout, hookTimeout: testTimeout, fileParallelism: !serial, globalSetup },
    expect: { poll: { timeout: pollTimeout } },
  },
})

export default defineConfig({
  test: {
    projects: [
      part('unit', ['test/unit/**/*.test.ts', 'test/architecture.test.ts'], 120_000),
      part('golden', ['test/golden/**/*.test.ts'], 60_000),
      part('cli', ['test/cli/**/*.test.ts'], 120_000, false, ['test/cli/build.ts']),
      part('postgresql', ['test/postgresql/**/*.test.ts'], 60_000, true),
      part('server', ['test/server/**/*.test.ts'], 240_000, true),
      part('swarm', ['test/swarm/**/*.test.ts'], 240_000, true),
      part('lab', ['test/lab/**/*.test.ts'], 1_500_000, true),
    ],
  },
})
