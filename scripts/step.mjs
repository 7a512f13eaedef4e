// How the scripts speak: a heading, one calm line per step, and what a step printed only when it failed.

const seconds = (begin) => `${((performance.now() - begin) / 1000).toFixed(1)} s`

export function heading(text) {
  console.log(`\n── ${text} ${'─'.repeat(Math.max(3, 76 - text.length))}`)
}

export function line(text) {
  console.log(`  ${text}`)
}

/** Runs `work`, which gives { code, output }, and says how it went. Gives whether it went well. */
export async function step(title, work) {
  const begin = performance.now()
  const { code, output = '', note = '' } = await work()
  const words = [code === 0 ? '✓' : '✗', title, note && `(${note})`, seconds(begin)]
  line(words.filter(Boolean).join('  '))
  if (code !== 0) console.log(output.trimEnd().replace(/^/gm, '    '))
  return code === 0
}
