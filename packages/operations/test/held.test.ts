import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { facts } from '../src/index.ts'
import { realHost } from './support/real-host.ts'
import { isMissing, SHELLS } from './support/shells.ts'
import { temporaryDirectories } from './support/temporary.ts'

const temporary = temporaryDirectories()
const sha256 = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex')

describe.each(SHELLS)('files.held under $name', ({ shell }) => {
  const missing = isMissing(shell)
  const options = { shell }

  test.skipIf(missing)('a file that is as wanted costs its hash alone, one that is not brings its bytes', async () => {
    const folder = temporary()
    const every = new Uint8Array(Array.from({ length: 256 }, (_, n) => n))
    const names = ['same', 'other', 'empty', "odd 'name' $(id)", '-rf', 'tab\there']
    for (const name of names) writeFileSync(join(folder, name), name)
    writeFileSync(join(folder, 'empty'), '')
    writeFileSync(join(folder, 'every'), every)
    writeFileSync(join(folder, 'long'), 'x'.repeat(70_000))
    mkdirSync(join(folder, 'directory'))
    symlinkSync('other', join(folder, 'link'))
    spawnSync('mkfifo', [join(folder, 'pipe')])
    const host = realHost(options)
    const ask = (name: string, wanted = sha256('wanted')) => host.fact(facts.held(join(folder, name), wanted))
    const found = await Promise.all([
      ask('same', sha256('same')), ask('other'), ask('empty'), ask("odd 'name' $(id)"), ask('-rf'), ask('tab\there'), ask('every'), ask('long'),
      ask('directory'), ask('pipe'), ask('nothing'), ask('link'),
    ])
    const text = (value: string) => ({ sha256: sha256(value), content: new Uint8Array(Buffer.from(value)) })
    expect(found).toEqual([
      { sha256: sha256('same'), content: undefined }, text('other'), text(''), text("odd 'name' $(id)"), text('-rf'), text('tab\there'),
      { sha256: sha256(every), content: every }, { sha256: sha256('x'.repeat(70_000)), content: undefined },
      null, null, null, text('other'),
    ])
    expect(host.commands).toBe(1)
  })

  test.skipIf(missing)('a name with a newline or a backslash does not shift the answers of the others', async () => {
    const folder = temporary()
    const names = ['a', `new\nline`, 'back\\slash', `${sha256('x')}  fake\n`, 'z']
    for (const name of names) writeFileSync(join(folder, name), `content of ${name}`)
    const host = realHost(options)
    const found = await Promise.all(names.map((name) => host.fact(facts.held(join(folder, name), sha256('wanted')))))
    expect(found.map((each) => each?.content && Buffer.from(each.content).toString())).toEqual(names.map((name) => `content of ${name}`))
  })
})

test('a file that may not be read is an error', async () => {
  const folder = temporary()
  chmodSync(folder, 0o755)
  const path = join(folder, 'x')
  writeFileSync(path, 'x')
  chmodSync(path, 0)
  // Root may read everything, so somebody else looks.
  const host = realHost(process.getuid?.() === 0 ? { uid: 65534 } : {})
  await expect(host.fact(facts.held(path, sha256('x')))).rejects.toThrow('Permission denied')
})
