import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pluginContext } from '@chaos/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { appendKnownHost, readKnownHosts } from '../../src/known-hosts/index.ts'
import { hostCalled, makeFolder, makeKey } from './files.ts'

const folder = makeFolder()
afterAll(() => folder.close())
const a = makeKey(folder, 'a')
const b = makeKey(folder, 'b')

function settings(file: string, { knownAs = 'db1', hashKnownHosts = false, others = [] as string[] } = {}) {
  return { ...hostCalled(knownAs), hashKnownHosts, knownHosts: [path.join(folder.path, file), ...others] }
}

function textOf(file: string): string {
  return readFileSync(path.join(folder.path, file), 'utf8')
}

describe('a key that is kept', () => {
  test('is a line that ssh finds, in a file and a folder for nobody else, and is trusted from now on in this run', async () => {
    const context = pluginContext()
    const given = settings('folder/known_hosts', { knownAs: '[DB1]:2222' })
    const known = await readKnownHosts(given, context)
    expect(known.judge(a.blob).state).toBe('unknown')
    await appendKnownHost(given, a.blob, context)
    expect(known.judge(a.blob).state).toBe('trusted')
    expect(known.types).toEqual(['ssh-ed25519'])
    expect(textOf('folder/known_hosts')).toBe(`[db1]:2222 ${a.text}\n`)
    expect(statSync(path.join(folder.path, 'folder/known_hosts')).mode & 0o777).toBe(0o600)
    expect(statSync(path.join(folder.path, 'folder')).mode & 0o777).toBe(0o700)
    expect(execFileSync('ssh-keygen', ['-F', '[db1]:2222', '-f', given.knownHosts[0] as string], { encoding: 'utf8' })).toContain('found: line 1')
  })

  test('has its name hashed where that is wanted, with another salt for each', async () => {
    const given = settings('hashed', { hashKnownHosts: true })
    const context = pluginContext()
    await appendKnownHost(given, a.blob, context)
    await appendKnownHost({ ...given, knownAs: 'db2' }, a.blob, context)
    expect(textOf('hashed')).toMatch(/^\|1\|\S{28}\|\S{28} ssh-ed25519 \S+\n\|1\|\S{28}\|\S{28} ssh-ed25519 \S+\n$/)
    const salts = textOf('hashed').split('\n').map((line) => line.split('|')[2])
    expect(salts[0]).not.toBe(salts[1])
    for (const name of ['db1', 'db2']) {
      expect(execFileSync('ssh-keygen', ['-F', name, '-f', given.knownHosts[0] as string], { encoding: 'utf8' })).toContain(`Host ${name} found`)
    }
  })

  test('goes behind what is there, which stays as it is, with its mode and without a final newline', async () => {
    const file = folder.write('there', `# mine\nother ${b.text}`)
    execFileSync('chmod', ['644', file])
    await appendKnownHost(settings('there'), a.blob, pluginContext())
    expect(textOf('there')).toBe(`# mine\nother ${b.text}\ndb1 ${a.text}\n`)
    expect(statSync(file).mode & 0o777).toBe(0o644)
  })

  test('is not kept twice, neither by the same run nor when another process was first', async () => {
    const context = pluginContext()
    await Promise.all(Array.from({ length: 20 }, () => appendKnownHost(settings('twice'), a.blob, context)))
    await appendKnownHost(settings('twice'), a.blob, context)
    expect(textOf('twice')).toBe(`db1 ${a.text}\n`)
    const late = pluginContext()
    await readKnownHosts(settings('later'), late)
    writeFileSync(path.join(folder.path, 'later'), `db1 ${a.text}\n`)
    await appendKnownHost(settings('later'), a.blob, late)
    expect(textOf('later')).toBe(`db1 ${a.text}\n`)
  })
})

describe('a key that is not kept', () => {
  test('is a second one of a host in the same run, also when both come at once', async () => {
    const context = pluginContext()
    const both = await Promise.allSettled([appendKnownHost(settings('pinned'), a.blob, context), appendKnownHost(settings('pinned'), b.blob, context)])
    expect(both).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: { code: 'HOST_KEY_CHANGED', details: { retry: false } } }])
    expect(textOf('pinned')).toBe(`db1 ${a.text}\n`)
    // Not even when the first line is taken away meanwhile.
    writeFileSync(path.join(folder.path, 'pinned'), '')
    await expect(appendKnownHost(settings('pinned'), b.blob, context)).rejects.toMatchObject({ code: 'HOST_KEY_CHANGED' })
    expect((await readKnownHosts(settings('pinned'), context)).judge(b.blob).state).toBe('changed')
  })

  test('is one that another process has made a changed one, or that is revoked or under an authority', async () => {
    const context = pluginContext()
    await readKnownHosts(settings('raced'), context)
    writeFileSync(path.join(folder.path, 'raced'), `db1 ${b.text}\n`)
    await expect(appendKnownHost(settings('raced'), a.blob, context)).rejects.toMatchObject({ code: 'HOST_KEY_CHANGED' })
    const revoked = folder.write('revoked', `@revoked * ${a.text}\n`)
    await expect(appendKnownHost(settings('none', { others: [revoked] }), a.blob, pluginContext())).rejects.toMatchObject({ code: 'HOST_KEY_REVOKED' })
    const authority = folder.write('authority', `@cert-authority * ${b.text}\n`)
    await expect(appendKnownHost(settings('none', { others: [authority] }), a.blob, pluginContext())).rejects.toMatchObject({ code: 'HOST_KEY_AUTHORITY' })
    expect(() => textOf('none')).toThrow('ENOENT')
  })

  test.each(['*', 'db?', 'db1,db2', 'db1 x', 'db1\nevil', '!db1', '|1|x', '#db1', '@revoked', ''])('is one for the name %j, which is not of one host', async (knownAs) => {
    await expect(appendKnownHost(settings('names', { knownAs }), a.blob, pluginContext())).rejects.toMatchObject({ code: 'KNOWN_HOSTS_UNWRITABLE' })
    expect(() => textOf('names')).toThrow('ENOENT')
  })

  test('is something that is no key', async () => {
    await expect(appendKnownHost(settings('nothing'), Buffer.from('garbage'), pluginContext())).rejects.toMatchObject({ code: 'HOST_KEY_INVALID' })
  })

  test('is one for which there is no file that can be written, which is told with a hint', async () => {
    const blocked = folder.write('blocked', '')
    mkdirSync(path.join(folder.path, 'locked'))
    const places = [['/dev/null'], [], ['/proc/chaos/known_hosts'], [path.join(folder.path, 'locked')], [`${blocked}/known_hosts`]]
    for (const knownHosts of places) {
      const appending = appendKnownHost({ ...settings('x'), knownHosts }, a.blob, pluginContext())
      await expect(appending, String(knownHosts)).rejects.toMatchObject({ code: expect.stringMatching(/^KNOWN_HOSTS_UN(WRITABLE|READABLE)$/), hint: expect.stringContaining('ssh_known_hosts_file') })
    }
  })
})

test('what several runs and other programs append at once is whole, each line once', async () => {
  const file = folder.write('at-once', `before ${b.text}\n`)
  // Runs share nothing but the file, as processes do.
  const runs = [0, 1, 2].map((run) => {
    const context = pluginContext()
    return Promise.all(names(`run${run}`).map((knownAs) => appendKnownHost(settings('at-once', { knownAs }), a.blob, context)))
  })
  const shells = [0, 1].map((shell) => spawn('sh', ['-c', `for name in ${names(`shell${shell}`).join(' ')}; do printf '%s\\n' "$name ${a.text}" >> "$1"; done`, 'sh', file]))
  const ended = shells.map((shell) => once(shell, 'exit'))
  await Promise.all([...runs, ...ended])
  const lines = textOf('at-once').trimEnd().split('\n')
  const wanted = ['run0', 'run1', 'run2', 'shell0', 'shell1'].flatMap(names).map((name) => `${name} ${a.text}`)
  expect(lines.toSorted()).toEqual([`before ${b.text}`, ...wanted].toSorted())
})

function names(prefix: string): string[] {
  return Array.from({ length: 25 }, (_, index) => `${prefix}-${index}`)
}
