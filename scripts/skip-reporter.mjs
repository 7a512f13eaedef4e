// A vitest reporter that says of each skipped test why, and leaves the totals for scripts/test.mjs.
// A reason is what was given to ctx.skip(reason), else what stands in parentheses at the end of the
// nearest name: describe.skipIf(!docker)('a container (needs docker)', …).
import { writeFileSync } from 'node:fs'

export default class SkipReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const totals = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    const reasons = new Map()
    for (const module of modules) {
      if (!module.ok() && [...module.children.allTests()].every((test) => test.result().state !== 'failed')) totals.failed += 1
      for (const test of module.children.allTests()) {
        const { state, note } = test.result()
        totals[state === 'pending' ? 'failed' : state] += 1
        if (state !== 'skipped') continue
        const reason = note ?? reasonOf(test) ?? `no reason given: ${module.relativeModuleId} > ${test.fullName}`
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
      }
    }
    if (reasons.size > 0) console.log(`\n Skipped, and why:\n${[...reasons].map(([reason, count]) => `   ${count} × ${reason}`).join('\n')}`)
    if (process.env.CHAOS_TEST_TOTALS) writeFileSync(process.env.CHAOS_TEST_TOTALS, JSON.stringify(totals))
  }
}

function reasonOf(test) {
  for (let entity = test; entity?.name !== undefined; entity = entity.parent) {
    const found = /\(([^()]+)\)$/.exec(entity.name)
    if (found) return found[1]
  }
  return undefined
}
