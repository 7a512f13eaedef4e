import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { secret } from '@chaos/core'
import { expect, test } from 'vitest'
import { files } from '../src/index.ts'
import { apply, applyChanges, diffOf, realHost } from './support/real-host.ts'
import { temporaryDirectories } from './support/temporary.ts'

const temporary = temporaryDirectories()
const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8)

test('a file is created with its parents, owner and mode in one step, and is then already so', async () => {
  const path = join(temporary(), 'a', 'b', 'motd')
  const put = files.put({ path, content: 'hello\n', mode: '640', owner: '0' })
  const changes = await diffOf(put, realHost())
  expect(changes).toMatchObject([
    { summary: `create parent directory ${join(path, '..')}`, before: null },
    { summary: 'create file', before: null, after: 'hello\n' },
  ])
  expect(changes[1]?.do).toHaveLength(1)
  await applyChanges(changes)
  expect(readFileSync(path, 'utf8')).toBe('hello\n')
  expect(modeOf(path)).toBe('640')
  expect(await apply(put)).toEqual([])
})

test('only what differs is changed', async () => {
  const path = join(temporary(), 'x')
  writeFileSync(path, 'new')
  chmodSync(path, 0o600)
  expect(await apply(files.put({ path, content: 'new', mode: '0644' }))).toEqual(['mode 0600 → 0644'])
  writeFileSync(path, 'old')
  const [change] = await diffOf(files.put({ path, content: 'new', mode: '0600' }), realHost())
  expect(change).toMatchObject({ summary: 'update content, mode 0644 → 0600', before: 'old', after: 'new' })
  expect(await apply(files.put({ path, content: 'new', mode: '0600' }))).toEqual(['update content, mode 0644 → 0600'])
  expect(await apply(files.put({ path, content: 'new', mode: '0600' }))).toEqual([])
})

test('many files that are already so cost one round of questions and two commands', async () => {
  const directory = temporary()
  const paths = Array.from({ length: 100 }, (_, index) => join(directory, `${index}`))
  for (const path of paths) writeFileSync(path, path)
  const host = realHost()
  const diffs = await Promise.all(paths.map((path) => diffOf(files.put({ path, content: path }), host)))
  expect(diffs.flat()).toEqual([])
  expect(host.rounds).toBe(1)
  expect(host.commands).toBe(2)
})

test('a file of the controller is brought over, and one that is missing is named', async () => {
  const directory = temporary()
  const host = realHost({ directory })
  writeFileSync(join(directory, 'small.bin'), Buffer.from([0, 1, 255]))
  writeFileSync(join(directory, 'large.bin'), Buffer.alloc(3_000_000, 7))
  for (const name of ['small.bin', 'large.bin']) {
    const put = files.put({ path: join(directory, 'to', name), src: name })
    expect((await apply(put, host)).at(-1)).toBe('create file')
    expect(readFileSync(join(directory, 'to', name)).equals(readFileSync(join(directory, name)))).toBe(true)
    expect(await apply(put, host)).toEqual([])
  }
  await expect(apply(files.put({ path: join(directory, 'y'), src: 'none' }), host)).rejects.toMatchObject({ code: 'LOCAL_FILE', message: `Cannot read ${directory}/none on this machine: there is no such file.` })
})

test('a secret stays one, and what was there before it is not shown', async () => {
  const path = join(temporary(), 'password')
  const put = files.put({ path, content: secret('hunter22'), mode: '0600' })
  await apply(put)
  expect(readFileSync(path, 'utf8')).toBe('hunter22')
  expect(await apply(put)).toEqual([])
  const [change] = await diffOf(files.put({ path, content: secret('hunter23') }), realHost())
  expect(Object.keys(change ?? {})).toEqual(['summary', 'after', 'do'])
  expect(JSON.stringify(change)).not.toMatch(/hunter/)
})

test('the file that was there is kept, and a file that is not valid never goes live', async () => {
  const directory = temporary()
  const path = join(directory, "it's")
  writeFileSync(path, 'good old')
  await apply(files.put({ path, content: 'good new', backup: true, validate: 'grep -q good %s' }))
  expect(readdirSync(directory)).toHaveLength(2)
  await expect(apply(files.put({ path, content: 'bad', validate: 'grep -q good %s' }))).rejects.toThrow('exit code 1')
  expect(readFileSync(path, 'utf8')).toBe('good new')
})

test('something else in its place is an error, or replaced when that is asked for', async () => {
  const directory = temporary()
  mkdirSync(join(directory, 'folder', 'full'), { recursive: true })
  symlinkSync('elsewhere', join(directory, 'link'))
  await expect(apply(files.put({ path: join(directory, 'folder'), content: '' }))).rejects.toMatchObject({ code: 'FILE_WRONG_TYPE', message: `${directory}/folder is a directory, where a file should be.` })
  await expect(apply(files.put({ path: join(directory, 'link'), content: '' }))).rejects.toThrow('is a symlink to elsewhere')
  for (const name of ['folder', 'link']) {
    const put = files.put({ path: join(directory, name), content: 'x', force: true })
    expect((await diffOf(put, realHost()))[0]?.removes).toEqual([{ kind: 'path', name: join(directory, name) }])
    await apply(put)
    expect(lstatSync(join(directory, name)).isFile()).toBe(true)
    expect(await apply(put)).toEqual([])
  }
  expect(existsSync(join(directory, 'elsewhere'))).toBe(false)
  writeFileSync(join(directory, 'plain'), '')
  await expect(apply(files.put({ path: join(directory, 'plain', 'x'), content: '' }))).rejects.toThrow('where a directory should be')
})

test.each([
  [{ path: 'etc/motd', content: '' }, 'is not an absolute path'],
  [{ path: '~/x', content: '' }, 'starts with ~'],
  [{ path: '/a/../b', content: '' }, 'holds ".."'],
  [{ path: '/', content: '' }, '/ itself'],
  [{ path: '/a', content: '', mode: 644 }, "such as '0644' (644 as a number means something else)"],
  [{ path: '/a', content: '', mode: '888' }, 'octal digits'],
  [{ path: '/a' }, 'either content or src'],
  [{ path: '/a', content: '', validate: 'true' }, '%s'],
])('arguments that cannot be meant are refused: %j', (args, message) => {
  expect(() => files.put(args as never)).toThrow(message)
})
