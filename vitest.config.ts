import { defineConfig } from 'vitest/config'
import { LongestFirst } from './scripts/longest-first.ts'

// Tests run from source: our own packages are resolved by the condition
// `@chaos/source`, so no build is needed before a test.
const conditions = ['@chaos/source', 'node', 'import', 'module', 'default']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'scripts/test/**/*.test.mjs'],
    setupFiles: ['scripts/as-it-was.ts'],
    globalSetup: ['scripts/test-targets.mjs'],
    // They only say that something hangs: a machine may be slow, and busy with other things.
    testTimeout: 120_000,
    hookTimeout: 300_000,
    // More than the processors there are: many tests wait, for a login that was refused, for a daemon.
    maxWorkers: 4,
    // A process of its own for each file, and all of ours read once more in it, cost as much as a tenth of all tests.
    isolate: false,
    sequence: { sequencer: LongestFirst },
  },
})
