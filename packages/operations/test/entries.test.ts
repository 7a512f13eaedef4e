import { chmodSync, existsSync, lstatSync, mkdirSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { files, server } from '../src/index.ts'
import { apply, diffOf, realHost } from './support/real-host.ts'
import { temporaryDirectories } from './support/temporary.ts'

const temporary = temporaryDirectories()
const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8)

test('a directory is created, its mode mended, setgid included, and removed', async () => {
  const path = join(temporary(), "it's -rf\n$(x)", 'b')
  const directory = files.directory({ path, mode: '0750' })
  expect(await apply(directory)).toEqual([`create parent directory ${join(path, '..')}`, 'create directory'])
  expect(await apply(directory)).toEqual([])
  chmodSync(path, 0o2777)
  expect(await apply(directory)).toEqual(['mode 2777 → 0750'])
  expect(modeOf(path)).toBe('750')
  expect(await apply(directory)).toEqual([])
  const gone = files.directory({ path, present: false })
  expect(await diffOf(gone, realHost())).toMatchObject([{ summary: 'remove directory', removes: [{ kind: 'path', name: path }] }])
  await apply(gone)
  expect(existsSync(path)).toBe(false)
  expect(await apply(gone)).toEqual([])
})

test.skipIf(process.getuid?.() !== 0)('owner and group are mended, below too when asked, without following links (needs root)', async () => {
  const path = join(temporary(), 'd')
  mkdirSync(join(path, 'in'), { recursive: true })
  const outside = join(temporary(), 'outside')
  writeFileSync(outside, '')
  symlinkSync(outside, join(path, 'in', 'link'))
  const directory = files.directory({ path, owner: 'daemon', group: '1', recursive: true })
  expect(await apply(directory)).toEqual(['owner root → daemon', 'group root → 1', 'owner and group of 2 entries below'])
  expect(await apply(directory)).toEqual([])
  expect(lstatSync(join(path, 'in', 'link')).uid).toBe(1)
  expect(statSync(outside).uid).toBe(0)
})

test.skipIf(process.getuid?.() !== 0)('a change of owner keeps setuid (needs root)', async () => {
  const path = join(temporary(), 'tool')
  writeFileSync(path, '')
  chmodSync(path, 0o4755)
  const file = files.file({ path, owner: '1', mode: '4755' })
  expect(await apply(file)).toEqual(['owner root → 1'])
  expect(await apply(file)).toEqual([])
  expect(modeOf(path)).toBe('4755')
})

test('a file is made empty, keeps what it holds, and is removed', async () => {
  const path = join(temporary(), 'p', 'f')
  const file = files.file({ path, mode: '0600' })
  expect(await apply(file)).toEqual([`create parent directory ${join(path, '..')}`, 'create empty file'])
  writeFileSync(path, 'kept')
  expect(await apply(file)).toEqual([])
  expect(statSync(path).size).toBe(4)
  expect(await diffOf(files.file({ path, present: false }), realHost())).toMatchObject([{ summary: 'remove file', removes: [{ kind: 'path', name: path }] }])
  await apply(files.file({ path, present: false }))
  expect(await apply(files.file({ path, present: false }))).toEqual([])
})

test('a directory is not removed as a file, nor a file as a directory, unless forced; a link goes, not what it leads to', async () => {
  const directory = temporary()
  mkdirSync(join(directory, 'd'))
  writeFileSync(join(directory, 'f'), '')
  symlinkSync('d', join(directory, 'l'))
  await expect(apply(files.file({ path: join(directory, 'd'), present: false }))).rejects.toMatchObject({ code: 'FILE_WRONG_TYPE' })
  await expect(apply(files.directory({ path: join(directory, 'f'), present: false }))).rejects.toMatchObject({ code: 'FILE_WRONG_TYPE' })
  await expect(apply(files.directory({ path: join(directory, 'f') }))).rejects.toMatchObject({ code: 'FILE_WRONG_TYPE' })
  await apply(files.file({ path: join(directory, 'l'), present: false }))
  expect(existsSync(join(directory, 'd'))).toBe(true)
  expect(await apply(files.directory({ path: join(directory, 'f'), force: true }))).toEqual(['remove file', 'create directory'])
  expect(await apply(files.directory({ path: join(directory, 'f'), force: true }))).toEqual([])
})

test('a symlink is made, led elsewhere even where it leads to a directory, and removed', async () => {
  const directory = temporary()
  const path = join(directory, 'links', 'current')
  mkdirSync(join(directory, 'one'))
  expect(await apply(files.link({ path, target: '../one' }))).toEqual([`create parent directory ${join(directory, 'links')}`, 'create link → ../one'])
  expect(await apply(files.link({ path, target: '../one' }))).toEqual([])
  expect(await diffOf(files.link({ path, target: "../t'wo\n" }), realHost())).toMatchObject([{ before: '../one', after: "../t'wo\n" }])
  expect(await apply(files.link({ path, target: "../t'wo\n" }))).toEqual(["link → ../t'wo\n"])
  expect(readlinkSync(path)).toBe("../t'wo\n")
  expect(await apply(files.link({ path, target: "../t'wo\n" }))).toEqual([])
  expect(await apply(files.link({ path, present: false }))).toEqual(['remove symlink'])
  expect(await apply(files.link({ path, present: false }))).toEqual([])
  await expect(apply(files.link({ path: join(directory, 'one'), target: 'x' }))).rejects.toMatchObject({ code: 'FILE_WRONG_TYPE' })
})

test('a hard link is made and known as the same file', async () => {
  const directory = temporary()
  const target = join(directory, 'target')
  writeFileSync(target, 'x')
  const link = files.link({ path: join(directory, 'a', 'hard'), target, symbolic: false })
  expect(await apply(link)).toEqual([`create parent directory ${join(directory, 'a')}`, `create hard link → ${target}`])
  expect(statSync(target).nlink).toBe(2)
  expect(await apply(link)).toEqual([])
  writeFileSync(join(directory, 'other'), 'mine')
  await expect(apply(files.link({ path: join(directory, 'other'), target, symbolic: false }))).rejects.toMatchObject({ code: 'FILE_EXISTS' })
  expect(await apply(files.link({ path: join(directory, 'other'), target, symbolic: false, force: true }))).toHaveLength(1)
  expect(() => files.link({ path: '/a' })).toThrow('a link needs a target')
})

test('a hundred entries of any kind that are already so cost one round', async () => {
  const directory = temporary()
  const ops = Array.from({ length: 34 }, (_, index) => {
    const path = join(directory, String(index))
    return [files.file({ path: `${path}.file` }), files.directory({ path }), files.link({ path: `${path}.link`, target: path })]
  }).flat()
  for (const op of ops) await apply(op)
  const host = realHost()
  expect((await Promise.all(ops.map((op) => diffOf(op, host)))).flat()).toEqual([])
  expect([host.rounds, host.commands]).toEqual([1, 1])
})

test('shell runs each line, feeds stdin, stops at the first failure, and does nothing once its file is there', async () => {
  const directory = temporary()
  const made = join(directory, 'made')
  const shell = server.shell({ commands: [`cat > '${made}'`], creates: made, stdin: 'in' })
  expect(shell.definition.action).toBe(true)
  expect(await apply(shell)).toEqual(['run the command'])
  expect(statSync(made).size).toBe(2)
  expect(await apply(shell)).toEqual([])
  await expect(apply(server.shell({ commands: ['exit 3', `touch ${directory}/never`] }))).rejects.toThrow('exit code 3')
  expect(existsSync(join(directory, 'never'))).toBe(false)
  expect(server.dir).toBe(files.directory)
})
