import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { packTar } from 'modern-tar'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildIfStale, makeDesk } from './command-line.ts'
import type { Desk, Ended } from './command-line.ts'

let desk: Desk
/** Where styx installed the plugin motd, once: tests that begin there take a copy. */
let prepared = ''
const servers: Server[] = []

beforeAll(async () => {
  buildIfStale()
  desk = makeDesk()
  prepared = desk.folder
  const { file, hash } = await pack('chaos-role-motd', '1.0.0')
  registry({ motd: { name: 'chaos-role-motd', version: '1.0.0', hash, from: file, about: 'Words at login' } })
  const { code, stderr } = await styx('invoke', 'motd')
  if (code !== 0) throw new Error(stderr)
}, 300_000)
afterAll(() => rmSync(prepared, { recursive: true, force: true }))
beforeEach(() => {
  desk = makeDesk()
})
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
  desk.remove()
})

const sha512 = (bytes: Uint8Array): string => `sha512-${createHash('sha512').update(bytes).digest('base64')}`
const plugins = (): string => path.join(desk.folder, 'data/plugins')
const styx = (...args: string[]): Promise<Ended> => desk.chaos(['styx', ...args], { env: { CHAOS_PLUGIN_DIR: plugins(), CHAOS_STYX_REGISTRY: path.join(desk.folder, 'registry.yml'), npm_config_cache: path.join(desk.folder, 'npm'), npm_config_userconfig: path.join(desk.folder, '.npmrc') } })
const check = async (): Promise<string> => (await desk.chaos(['check', 'roles'], { env: { CHAOS_PLUGIN_DIR: plugins() } })).stdout

/** A plugin as `npm pack` makes it: a role without a dependency, and a script that would leave a trace. */
async function pack(name: string, version: string, more: object = {}): Promise<{ file: string; hash: string }> {
  const role = name.replace(/^.*chaos-role-/, '')
  const manifest = { name, version, type: 'module', exports: { '.': './index.js', './package.json': './package.json' }, chaos: { api: 1, roles: { [role]: '.' } }, scripts: { install: `touch ${path.join(desk.folder, 'ran')}` }, ...more }
  const file = path.join(desk.folder, `${name.replace(/^@/, '').replace('/', '-')}-${version}.tgz`)
  const bytes = await tarball({ 'package.json': JSON.stringify(manifest), 'index.js': `export default { '~chaos': { kind: 'role', api: 1 }, form: 'short', run: () => [] } // ${version}\n` })
  writeFileSync(file, bytes)
  return { file, hash: sha512(bytes) }
}

async function tarball(files: Readonly<Record<string, string>>): Promise<Uint8Array> {
  return gzipSync(await packTar(Object.entries(files).map(([name, body]) => ({ header: { name: `package/${name}`, size: Buffer.byteLength(body), type: 'file' as const }, body }))))
}

function registry(entries: Record<string, { name: string; version: string; hash: string; from?: string; repo?: string; about?: string }>): void {
  desk.write('registry.yml', JSON.stringify({ styx: entries }))
}

function begin(): void {
  for (const each of ['data', 'registry.yml']) execFileSync('cp', ['-R', path.join(prepared, each), desk.folder])
}

/** Everything that is there, so that "as it was" can be seen. */
function tree(folder = path.join(desk.folder, 'data')): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true }).map((each) => {
    const file = path.join(each.parentPath, each.name)
    return `${path.relative(folder, file)} ${each.isFile() ? createHash('sha256').update(readFileSync(file)).digest('hex') : 'folder'}`
  }).toSorted()
}

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('chaos styx invoke', () => {
  it('installs what was reviewed, where chaos finds it, and runs none of its scripts', async () => {
    const { hash } = await pack('chaos-role-motd', '1.0.0')
    registry({ motd: { name: 'chaos-role-motd', version: '1.0.0', hash, from: './chaos-role-motd-1.0.0.tgz' } })
    const { code, stderr } = await styx('invoke', 'motd')
    expect([code, stderr]).toEqual([0, expect.stringContaining('chaos-role-motd 1.0.0')])
    expect(await check()).toMatch(/^motd$/m)
    expect(existsSync(path.join(desk.folder, 'ran'))).toBe(false)
    expect(JSON.parse(readFileSync(path.join(plugins(), 'styx-lock.json'), 'utf8'))).toEqual({
      version: 1,
      plugins: { motd: { package: 'chaos-role-motd', version: '1.0.0', integrity: hash, from: path.join(desk.folder, 'chaos-role-motd-1.0.0.tgz'), registry: path.join(desk.folder, 'registry.yml') } },
    })
    expect(readdirSync(path.join(desk.folder, 'data'))).toEqual(['plugins'])
  })

  it('keeps what was there before, and takes a SHA-256 and a scope too', async () => {
    const one = await pack('chaos-role-one', '1.0.0')
    const two = await pack('@acme/chaos-role-two', '2.1.0')
    const sha256 = createHash('sha256').update(readFileSync(two.file)).digest('hex')
    registry({
      one: { name: 'chaos-role-one', version: '1.0.0', hash: one.hash, from: one.file },
      two: { name: '@acme/chaos-role-two', version: '2.1.0', hash: sha256, from: two.file },
    })
    await styx('invoke', 'one')
    expect((await styx('invoke', '@acme/chaos-role-two')).code).toBe(0)
    expect(await check()).toMatch(/^one$[^]*^two$/m)
  })

  it('takes a tarball from npm, as npm itself is configured', async () => {
    const { file, hash } = await pack('chaos-role-motd', '1.0.0')
    const url = await serve((request, response) => {
      if (request.url?.endsWith('.tgz')) return response.end(readFileSync(file))
      const dist = { tarball: `${url}/chaos-role-motd-1.0.0.tgz`, integrity: hash }
      return response.setHeader('content-type', 'application/json').end(JSON.stringify({ name: 'chaos-role-motd', 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': { name: 'chaos-role-motd', version: '1.0.0', dist } } }))
    })
    registry({ motd: { name: 'chaos-role-motd', version: '1.0.0', hash } })
    desk.write('.npmrc', `registry=${url}\n`)
    const { code, stderr } = await styx('invoke', 'motd')
    expect([code, stderr]).toEqual([0, expect.stringContaining('chaos-role-motd 1.0.0')])
    expect(await check()).toMatch(/^motd$/m)
  })

  it('takes registry and tarball from a URL', async () => {
    const { file, hash } = await pack('chaos-role-motd', '1.0.0')
    const url = await serve((request, response) => {
      response.end(request.url === '/styx/registry.yml' ? JSON.stringify({ styx: { motd: { name: 'chaos-role-motd', version: '1.0.0', hash, from: 'motd.tgz' } } }) : request.url === '/styx/motd.tgz' ? readFileSync(file) : '')
    })
    expect((await styx('invoke', 'motd', '--registry', `${url}/styx/registry.yml`)).code).toBe(0)
    expect(await check()).toMatch(/^motd$/m)
  })

  describe('leaves everything as it was', () => {
    const link = async (): Promise<Uint8Array> => gzipSync(await packTar([
      { header: { name: 'package/package.json', size: 47, type: 'file' }, body: JSON.stringify({ name: 'chaos-role-bad', version: '1.0.0' }).padEnd(47) },
      { header: { name: 'package/etc', size: 0, type: 'symlink', linkname: '/etc' } },
    ]))
    const outside = async (): Promise<Uint8Array> => gzipSync(await packTar([{ header: { name: 'package/../../escaped', size: 1, type: 'file' }, body: 'x' }]))

    const bad: [string, string, () => Promise<{ bytes: Uint8Array; hash?: string; entry?: object }>][] = [
      ['a wrong hash', 'STYX_HASH', async () => ({ bytes: readFileSync((await pack('chaos-role-bad', '1.0.0')).file), hash: sha512(new Uint8Array()) })],
      ['a tampered tarball', 'STYX_HASH', async () => {
        const { file, hash } = await pack('chaos-role-bad', '1.0.0')
        appendFileSync(file, 'x')
        return { bytes: readFileSync(file), hash }
      }],
      ['a tarball that leads out of its folder', 'STYX_TARBALL', async () => ({ bytes: await outside() })],
      ['a tarball with a link', 'STYX_TARBALL', async () => ({ bytes: await link() })],
      ['a tarball that unpacks to more than anybody has', 'STYX_TARBALL', async () => ({ bytes: gzipSync(Buffer.alloc(201 * 1024 * 1024), { level: 1 }) })],
      ['something that is no tarball', 'STYX_TARBALL', async () => ({ bytes: Buffer.from('no tarball') })],
      ['another package', 'STYX_OTHER_PACKAGE', async () => ({ bytes: readFileSync((await pack('chaos-role-other', '1.0.0')).file) })],
      ['another version', 'STYX_OTHER_PACKAGE', async () => ({ bytes: readFileSync((await pack('chaos-role-bad', '1.0.1')).file) })],
      ['a package that is no plugin', 'STYX_NO_PLUGIN', async () => ({ bytes: readFileSync((await pack('left-padded', '1.0.0', { chaos: undefined })).file), entry: { name: 'left-padded' } })],
      ['a plugin made for another api', 'STYX_NO_PLUGIN', async () => ({ bytes: readFileSync((await pack('chaos-role-bad', '1.0.0', { chaos: { api: 9, roles: { bad: '.' } } })).file) })],
      ['a dependency that is not to be had', 'STYX_NPM', async () => {
        desk.write('.npmrc', `registry=${await serve((_request, response) => response.writeHead(404).end())}\n`)
        return { bytes: readFileSync((await pack('chaos-role-bad', '1.0.0', { dependencies: { 'chaos-nowhere': '1.0.0' } })).file) }
      }],
      ['a name that leads out of the folder', 'STYX_REGISTRY_INVALID', async () => ({ bytes: new Uint8Array(), entry: { name: '../../../escaped' } })],
      ['a version that is a range', 'STYX_REGISTRY_INVALID', async () => ({ bytes: new Uint8Array(), entry: { version: '^1.0.0' } })],
    ]

    it.each(bad)('at %s', async (_, said, make) => {
      begin()
      const before = tree()
      const { bytes, hash, entry } = await make()
      writeFileSync(path.join(desk.folder, 'bad.tgz'), bytes)
      registry({ bad: { name: 'chaos-role-bad', version: '1.0.0', hash: hash ?? sha512(bytes), from: 'bad.tgz', ...entry } })
      const { code, stderr } = await desk.chaos(['styx', 'invoke', 'bad', '--registry', 'registry.yml'], { env: { CHAOS_PLUGIN_DIR: plugins(), npm_config_cache: path.join(desk.folder, 'npm'), npm_config_userconfig: path.join(desk.folder, '.npmrc') } })
      expect([code, stderr]).toEqual([said === 'STYX_REGISTRY_INVALID' ? 2 : 1, expect.stringMatching(SAID[said] as RegExp)])
      expect(tree()).toEqual(before)
      expect(existsSync(path.join(desk.folder, 'escaped')) || existsSync(path.join(desk.folder, 'ran'))).toBe(false)
    })

    const SAID: Readonly<Record<string, RegExp>> = {
      STYX_HASH: /is not what was reviewed/, STYX_TARBALL: /is no package of npm/, STYX_OTHER_PACKAGE: /the tarball is/, STYX_NO_PLUGIN: /cannot be used/, STYX_NPM: /npm install failed/, STYX_REGISTRY_INVALID: /is no registry/,
    }

    it('at a download that breaks off in the middle', async () => {
      const { file, hash } = await pack('chaos-role-motd', '1.0.0')
      const bytes = readFileSync(file)
      const url = await serve((_, response) => {
        response.writeHead(200, { 'content-length': bytes.length })
        response.write(bytes.subarray(0, 100), () => response.destroy())
      })
      registry({ motd: { name: 'chaos-role-motd', version: '1.0.0', hash, from: `${url}/motd.tgz` } })
      const { code, stderr } = await styx('invoke', 'motd')
      expect([code, stderr]).toEqual([1, expect.stringContaining('could not be read')])
      expect(tree()).toEqual([])
    })

    it.each([['a device', 'character-device'], ['a pipe', 'fifo'], ['a hard link', 'link']] as const)('at a tarball with %s', async (_, type) => {
      const bytes = gzipSync(await packTar([
        { header: { name: 'package/package.json', size: 2, type: 'file' }, body: '{}' },
        { header: { name: 'package/odd', size: 0, type, ...(type === 'link' && { linkname: 'package/package.json' }) } },
      ]))
      writeFileSync(path.join(desk.folder, 'bad.tgz'), bytes)
      registry({ bad: { name: 'chaos-role-bad', version: '1.0.0', hash: sha512(bytes), from: 'bad.tgz' } })
      expect(await styx('invoke', 'bad')).toMatchObject({ code: 1, stderr: expect.stringMatching(/it holds "package\/odd", which is no file/) as string })
      expect(tree()).toEqual([])
    })

    it('at Ctrl-C, at once, though the server never answers', async () => {
      let asked = (): void => undefined
      const arrived = new Promise<void>((resolve) => (asked = resolve))
      const url = await serve(() => asked())
      registry({ motd: { name: 'chaos-role-motd', version: '1.0.0', hash: sha512(new Uint8Array()), from: `${url}/motd.tgz` } })
      const { child, ended } = desk.start(['styx', 'invoke', 'motd', '--registry', 'registry.yml'], { env: { CHAOS_PLUGIN_DIR: plugins() } })
      await arrived
      child.kill('SIGINT')
      expect(await ended).toMatchObject({ code: 130, stderr: expect.stringContaining('Interrupted: nothing was changed.') as string })
      expect(tree()).toEqual([])
    })

    it('where a redirection leads over plain http', async () => {
      const url = await serve((_, response) => response.writeHead(302, { location: 'http://registry.example.net/motd.tgz' }).end())
      registry({ motd: { name: 'chaos-role-motd', version: '1.0.0', hash: sha512(new Uint8Array()), from: `${url}/motd.tgz` } })
      const { code, stderr } = await styx('invoke', 'motd')
      expect([code, stderr]).toEqual([2, expect.stringMatching(/leads to http:\/\/registry\.example\.net\/motd\.tgz, which is read over plain http/)])
      expect(tree()).toEqual([])
    })

    it.each([
      ['to a file', 'file:///etc/passwd', /read over file/],
      ['in a circle', '/', /more than 20 times/],
    ])('where a redirection leads %s', async (_, location, said) => {
      const url = await serve((_request, response) => response.writeHead(302, { location }).end())
      expect((await styx('list', '--registry', `${url}/styx.yml`)).stderr).toMatch(said)
    })

    it('where the tarball is a device that never ends', async () => {
      registry({ motd: { name: 'chaos-role-motd', version: '1.0.0', hash: sha512(new Uint8Array()), from: '/dev/zero' } })
      expect((await styx('invoke', 'motd')).stderr).toContain('/dev/zero cannot be read: it is no file.')
      expect(tree()).toEqual([])
    })

    it('where two titles of one package are asked for', async () => {
      const { file, hash } = await pack('chaos-role-motd', '1.0.0')
      registry({ motd: { name: 'chaos-role-motd', version: '1.0.0', hash, from: file }, words: { name: 'chaos-role-motd', version: '1.0.0', hash, from: file } })
      expect((await styx('invoke', 'motd', 'words')).stderr).toContain('motd and words are the same package, chaos-role-motd.')
      expect(tree()).toEqual([])
    })

    it.each([
      ['a package that leads out of the folder', { package: '../../../escaped' }],
      ['a version that is an option of npm', { version: '--prefix=/tmp' }],
      ['a hash that is none', { integrity: 'sha512-' }],
    ])('where somebody wrote %s into the lock file', async (_, change) => {
      begin()
      const file = path.join(plugins(), 'styx-lock.json')
      const lock = JSON.parse(readFileSync(file, 'utf8')) as { plugins: Record<string, object> }
      writeFileSync(file, JSON.stringify({ ...lock, plugins: { motd: { ...lock.plugins['motd'], ...change } } }))
      const before = tree()
      for (const args of [['destroy', 'motd', '-y'], ['verify'], ['list', '--installed']]) expect(await styx(...args)).toMatchObject({ code: 1, stderr: expect.stringContaining('styx-lock.json cannot be read: it is not as styx writes it.') as string })
      expect(tree()).toEqual(before)
    })

    it('where the folder cannot be made', async () => {
      const { file, hash } = await pack('chaos-role-motd', '1.0.0')
      registry({ motd: { name: 'chaos-role-motd', version: '1.0.0', hash, from: file } })
      desk.write('data', 'a file')
      const { code, stderr } = await styx('invoke', 'motd')
      expect([code, stderr]).toEqual([1, expect.stringMatching(/data\/plugins cannot be changed: something above it is no folder\.\n.*Nothing was changed\./)])
    })

    it('where another styx is at it', async () => {
      const { file, hash } = await pack('chaos-role-motd', '1.0.0')
      registry({ motd: { name: 'chaos-role-motd', version: '1.0.0', hash, from: file } })
      desk.write('data/.plugins-lock', String(process.pid))
      const { code, stderr } = await styx('invoke', 'motd')
      expect([code, stderr]).toEqual([1, expect.stringContaining('Another styx')])
      expect(existsSync(plugins())).toBe(false)
    })
  })

  it('puts back what a crash in the middle of the exchange left', async () => {
    begin()
    const other = await pack('chaos-role-other', '1.0.0')
    registry({ other: { name: 'chaos-role-other', version: '1.0.0', hash: other.hash, from: other.file } })
    execFileSync('mv', [plugins(), path.join(desk.folder, 'data/.plugins-before')])
    mkdirSync(path.join(desk.folder, 'data/.plugins-draft-abc'))
    // Of a process that is gone.
    desk.write('data/.plugins-lock', String(spawnSync('true').pid))
    expect((await styx('invoke', 'other')).code).toBe(0)
    expect(await check()).toMatch(/^motd$[^]*^other$/m)
    expect(readdirSync(path.join(desk.folder, 'data'))).toEqual(['plugins'])
  })

  it('exchanges what a link leads to, and lets the link be', async () => {
    begin()
    renameSync(plugins(), path.join(desk.folder, 'data/elsewhere'))
    symlinkSync('elsewhere', plugins())
    const other = await pack('chaos-role-other', '1.0.0')
    registry({ other: { name: 'chaos-role-other', version: '1.0.0', hash: other.hash, from: other.file } })
    expect((await styx('invoke', 'other')).code).toBe(0)
    expect(await check()).toMatch(/^motd$[^]*^other$/m)
    expect(readdirSync(path.join(desk.folder, 'data')).toSorted()).toEqual(['elsewhere', 'plugins'])
  })

  it('tells what npm chose with a plugin, which no hash covers, and not what the plugin brings in its own tarball', async () => {
    const inner = (name: string, more: object = {}): string => JSON.stringify({ name, version: '2.1.0', ...more })
    const brought = await tarball({ 'package.json': inner('chosen', { dependencies: { deeper: '*' }, bundleDependencies: ['deeper'] }), 'node_modules/deeper/package.json': inner('deeper') })
    const url = await serve((_request, response) => response.end(brought))
    const { file, hash } = await pack('chaos-role-motd', '1.0.0', { dependencies: { chosen: `${url}/chosen-2.1.0.tgz` } })
    registry({ motd: { name: 'chaos-role-motd', version: '1.0.0', hash, from: file } })
    const { code, stderr } = await styx('invoke', 'motd')
    expect([code, stderr]).toEqual([0, expect.stringMatching(/no hash covers what npm chose with it: chosen 2\.1\.0$/m)])
    const { stdout } = await styx('verify', 'motd', '--json')
    expect(JSON.parse(stdout)).toMatchObject([{ integrity: 'verified', registry: 'reviewed', beside: ['chosen 2.1.0'] }])
  })

  it('has a package under one title, the last', async () => {
    begin()
    const { file, hash } = await pack('chaos-role-motd', '1.0.1')
    registry({ words: { name: 'chaos-role-motd', version: '1.0.1', hash, from: file } })
    expect((await styx('invoke', 'words')).code).toBe(0)
    expect(Object.keys((JSON.parse(readFileSync(path.join(plugins(), 'styx-lock.json'), 'utf8')) as { plugins: object }).plugins)).toEqual(['words'])
    expect(readdirSync(path.join(plugins(), 'tarballs'))).toEqual(['chaos-role-motd-1.0.1.tgz'])
  })

  it('says which name was meant, and how a registry is given', async () => {
    registry({ motd: { name: 'chaos-role-motd', version: '1.0.0', hash: sha512(new Uint8Array()) } })
    expect((await styx('invoke', 'mtd')).stderr).toContain('Did you mean motd?')
    const { code, stderr } = await desk.chaos(['styx', 'list'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('CHAOS_STYX_REGISTRY')])
  })

  it('reads nothing over plain http from elsewhere', async () => {
    const { code, stderr } = await styx('list', '--registry', 'http://registry.example.net/styx.yml')
    expect([code, stderr]).toEqual([2, expect.stringContaining('plain http')])
  })
})

describe('what styx installed', () => {
  it('is listed beside what the registry has', async () => {
    begin()
    expect((await styx('list')).stdout).toMatch(/motd 1\.0\.0 {2}installed\n {2}Words at login/)
    expect(JSON.parse((await styx('list', '--json')).stdout)).toMatchObject([{ title: 'motd', package: 'chaos-role-motd', version: '1.0.0', installed: '1.0.0' }])
    expect((await styx('list', '--installed')).stdout).toContain('motd 1.0.0')
  })

  it('is updated to what the registry has now, after a question or --yes', async () => {
    begin()
    const { file, hash } = await pack('chaos-role-motd', '1.2.0')
    registry({ motd: { name: 'chaos-role-motd', version: '1.2.0', hash, from: file } })
    expect((await styx('update')).code).toBe(2)
    const { code, stderr } = await styx('update', '--yes')
    expect([code, stderr]).toEqual([0, expect.stringContaining('motd 1.0.0 → 1.2.0')])
    expect(readFileSync(path.join(plugins(), 'node_modules/chaos-role-motd/index.js'), 'utf8')).toContain('// 1.2.0')
    expect(readdirSync(path.join(plugins(), 'tarballs'))).toEqual(['chaos-role-motd-1.2.0.tgz'])
    expect((await styx('update', '--yes')).stderr).toContain('Everything is as the registry has it')
  })

  it('is removed without a trace', async () => {
    begin()
    expect((await styx('destroy', 'motd', '--yes')).code).toBe(0)
    expect(await check()).not.toMatch(/^motd$/m)
    expect(readdirSync(path.join(plugins(), 'tarballs'))).toEqual([])
    expect((await styx('destroy', 'motd', '--yes')).stderr).toContain('not installed by styx')
  })

  it('is verified: hashes, files, the registry; what nobody can tell is said to be not verified', async () => {
    begin()
    const { code, stdout } = await styx('verify', '--json')
    expect([code, JSON.parse(stdout)]).toMatchObject([0, [{ title: 'motd', integrity: 'verified', registry: 'reviewed', provenance: 'not verified' }]])
    expect((await styx('verify')).stdout).toMatch(/provenance not verified/)
  })

  it.each([
    ['a file of it was changed', () => appendFileSync(path.join(plugins(), 'node_modules/chaos-role-motd/index.js'), '\n'), 'index.js is not as it was installed'],
    ['a file was put beside its own', () => writeFileSync(path.join(plugins(), 'node_modules/chaos-role-motd/more.js'), ''), 'more.js was not installed'],
    ['a file of it is gone', () => rmSync(path.join(plugins(), 'node_modules/chaos-role-motd/index.js')), 'index.js is missing'],
    ['its tarball was changed', () => appendFileSync(path.join(plugins(), 'tarballs/chaos-role-motd-1.0.0.tgz'), 'x'), 'is not what was reviewed'],
    ['the registry withdrew it', () => registry({}), 'no longer has it'],
  ])('fails to be verified when %s', async (_, change, said) => {
    begin()
    change()
    const { code, stdout } = await styx('verify')
    expect([code, stdout]).toEqual([1, expect.stringContaining(said)])
  })
})
