import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildIfStale, makeDesk } from './command-line.ts'
import type { Desk } from './command-line.ts'
import { startEditor } from './language-server.ts'
import type { Editor } from './language-server.ts'

let desk: Desk
let editor: Editor
/** What `chaos init` wrote; the tests type below it. */
let head = ''

beforeAll(async () => {
  buildIfStale()
  desk = makeDesk()
  const { code, stderr } = await desk.chaos(['init', 'chobolo'])
  if (code !== 0) throw new Error(stderr)
  head = `${readFileSync(path.join(desk.folder, 'ch-obolo.yml'), 'utf8').split('\n')[0]}\n`
  editor = await startEditor(desk.folder)
}, 300_000)
afterAll(async () => {
  await editor.close()
  desk.remove()
})

describe('a Ch-obolo that chaos init wrote, in an editor with yaml-language-server', () => {
  it('begins with the line by which editors find its schema', () => {
    expect(head).toBe('# yaml-language-server: $schema=.chaos/schema.json\n')
  })

  it('has the keys of the roles completed', async () => {
    await editor.type(`${head}\n`)
    expect(await editor.complete(1, 0)).toEqual(expect.arrayContaining(['files', 'users', 'groups', 'fleet']))
  })

  it('has what a file takes completed, and its values', async () => {
    await editor.type(`${head}files:\n  - path: /tmp/hello\n    \n`)
    expect(await editor.complete(3, 4)).toEqual(expect.arrayContaining(['content', 'owner', 'mode']))
    await editor.type(`${head}files:\n  - path: /tmp/hello\n    state: \n`)
    expect(await editor.complete(3, 11)).toContain('directory')
  })

  it('has what a user takes completed, and explained under the pointer', async () => {
    await editor.type(`${head}users:\n  - name: ana\n    \n`)
    expect(await editor.complete(3, 4)).toEqual(expect.arrayContaining(['shell', 'groups', 'uid']))
    await editor.type(`${head}users:\n  - name: ana\n    shell: /bin/sh\n`)
    expect(await editor.hover(3, 6)).toMatch(/login shell/i)
  })

  it('has host data of connectors completed', async () => {
    await editor.type(`${head}fleet:\n  hosts:\n    db1:\n      \n`)
    expect(await editor.complete(4, 6)).toEqual(expect.arrayContaining(['ssh_user', 'ssh_port', 'sudo']))
  })

  it('has what is of the wrong type marked where it stands, and nothing that is right', async () => {
    expect(await editor.type(`${head}users:\n  - name: ana\n    uid: many\n`)).toEqual([expect.objectContaining({ message: expect.stringMatching(/number|integer/) as string, range: expect.objectContaining({ start: { line: 3, character: 9 } }) as object })])
    expect(await editor.type(`${head}files:\n  - path: /tmp/hello\n    content: "Hello"\nusers:\n  - name: ana\n    uid: 1500\n`)).toEqual([])
  })
})
