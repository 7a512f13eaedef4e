// How long a sops file takes to be decrypted, and what loading the package costs before: node bench/sops.mjs [SECRETS] [RUNS]
// Build first: (cd packages/sops && node ../../scripts/build.mjs)
const [count = 100, runs = 15] = process.argv.slice(2).map(Number)
const began = performance.now()
const { decryptSops, encryptSops, newIdentity } = await import('../packages/sops/dist/index.js')
const loaded = performance.now()
const { identity, recipient } = await newIdentity()
const madeIdentity = performance.now()

const plain = Array.from({ length: count }, (_, index) => `# secret ${index}\nsecret_${index}: "value ${index} ${'x'.repeat(40)}"\n`).join('')
const file = 'secrets.yaml'
const text = await encryptSops(plain, { file, groups: [[{ kind: 'age', id: recipient }]] })
const times = []
for (let run = 0; run < runs; run++) {
  const start = performance.now()
  const opened = await decryptSops(text, { file, identities: [identity] })
  times.push(performance.now() - start)
  if (Object.keys(opened.plain()).length !== count) throw new Error('It did not decrypt.')
}
const [first, ...later] = times
const median = later.toSorted((a, b) => a - b)[Math.floor(later.length / 2)]
const ms = (time) => `${time.toFixed(1)} ms`
console.log(`load ${ms(loaded - began)}, age ${ms(madeIdentity - loaded)}; ${count} secrets: first ${ms(first)}, then ${ms(median)} (median of ${later.length})`)
