import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { pluginContext } from '@chaos/testkit'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { fingerprint, keyType, readKnownHosts } from '../../src/known-hosts/index.ts'
import { namesMatch } from '../../src/known-hosts/names.ts'
import { parseLines } from '../../src/known-hosts/parse.ts'
import { hostCalled, makeFolder, makeKey } from './files.ts'

const folder = makeFolder()
afterAll(() => folder.close())
const keys = [makeKey(folder, 'ed25519'), makeKey(folder, 'ecdsa', 'ecdsa'), makeKey(folder, 'rsa', 'rsa')] as const

/** Names that look alike, so that patterns hit some of them. */
const host = fc.stringMatching(/^[abAB1][ab1.-]{0,3}$/)
const name = fc.oneof(host, fc.tuple(host, fc.constantFrom(22, 2222)).map(([each, port]) => `[${each}]:${port}`))
const pattern = fc.oneof(name, fc.stringMatching(/^!?[ab1.*?\]:[2]{1,6}$/))
const line = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom('', '', '', '@revoked ', '@cert-authority ', ' '), fc.array(pattern, { minLength: 1, maxLength: 3 }), fc.constantFrom(...keys)).map(([marker, names, key]) => `${marker}${names.join(',')} ${key.text}`) },
  { weight: 1, arbitrary: fc.constantFrom('', '# a comment', '   ', '\t# another') },
)

test('the lines that name a host are those that ssh-keygen -F finds, plain and hashed', () => {
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 12 }), fc.array(name, { minLength: 1, maxLength: 4 }), fc.boolean(), (lines, hosts, hashed) => {
      const file = folder.write('agreement', `${lines.join('\n')}\n`)
      if (hashed) execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' })
      const parsed = parseLines(file, readFileSync(file, 'utf8'))
      // A hash has one spelling: ssh asks for small letters, ssh-keygen for what it is given.
      for (const each of hashed ? hosts.map((one) => one.toLowerCase()) : hosts) {
        const ours = parsed.filter(({ names }) => namesMatch(names, each)).map(({ number, marker }) => `${number} ${SHOWN[marker]}`.trim())
        expect(ours, `${each} in\n${readFileSync(file, 'utf8')}`).toEqual(foundBySsh(file, each))
      }
    }),
    { numRuns: 60 },
  )
})

test('every name that ssh-keygen -H hashes is found, and only by its own key', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(name, { minLength: 1, maxLength: 12, selector: (each) => each.toLowerCase() }), async (names) => {
      const file = folder.write('hashed', names.map((each, index) => `${each.toLowerCase()} ${keys[index % 2 as 0 | 1].text}\n`).join(''))
      execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' })
      expect(readFileSync(file, 'utf8')).toMatch(/^(\|1\|\S+ .+\n)+$/)
      const context = pluginContext()
      for (const [index, each] of names.entries()) {
        const known = await readKnownHosts({ ...hostCalled(each), knownHosts: [file] }, context)
        expect(known.judge(keys[index % 2 as 0 | 1].blob).state, each).toBe('trusted')
        expect(known.judge(keys[2].blob).state, each).toBe('changed')
      }
    }),
    { numRuns: 20 },
  )
})

test('fingerprints and types are those of ssh-keygen -l', () => {
  for (const key of keys) {
    expect(fingerprint(key.blob)).toBe(key.fingerprint)
    expect(keyType(key.blob)).toBe(key.text.split(' ')[0])
  }
})

test('the type of anything that is no key is undefined', () => {
  const blob = keys[0].blob
  expect(keyType(new Uint8Array(Buffer.concat([Buffer.from('xx'), blob])).subarray(2))).toBe('ssh-ed25519')
  for (const bad of ['', '00', '000000', '00000000', 'ffffffff', '00000005 61626364', '00000004 61620a64', '00000004 61622064', '00000004 41424344', `00000041 ${'61'.repeat(65)}`]) {
    expect(keyType(Buffer.from(bad.replace(' ', ''), 'hex')), bad).toBeUndefined()
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
    expect(keyType(bytes) ?? 'none').toMatch(/^[a-z0-9][a-z0-9@.-]*$/)
  }))
})

const SHOWN = { none: '', revoked: 'REVOKED', authority: 'CA' } as const

function foundBySsh(file: string, host: string): string[] {
  const { stdout } = spawnSync('ssh-keygen', ['-F', host, '-f', file], { encoding: 'utf8' })
  return [...stdout.matchAll(/^# Host .* found: line (\d+) ?(\w*)/gm)].map(([, number, marker]) => `${number} ${marker}`.trim())
}
