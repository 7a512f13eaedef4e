import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startRegistry } from './registry.ts'
import type { NpmRegistry } from './registry.ts'
import { REPOSITORY, cloneRepository } from './release.ts'
import type { Clone } from './release.ts'

const CONNECTOR = path.join(REPOSITORY, 'examples/plugins/chaos-connector-unshare')
const { makeRoot, missing } = (await import(pathToFileURL(path.join(CONNECTOR, 'test/root.js')).href)) as { makeRoot(): string; missing(): string | false }

let folder = ''
let clone: Clone
let registry: NpmRegistry
let home = ''

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'chaos-publish-')))
  home = path.join(folder, 'home')
  registry = await startRegistry()
  // What the user's own says of proxies and mirrors stays.
  const own = spawnSync('npm', ['config', 'get', 'userconfig'], { encoding: 'utf8' }).stdout.trim()
  mkdirSync(home)
  writeFileSync(path.join(home, '.npmrc'), `${existsSync(own) ? readFileSync(own, 'utf8') : ''}\n${registry.npmrc('@chaos', '@acme')}`)
  clone = cloneRepository(path.join(folder, 'clone'))
})
afterAll(() => {
  registry.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Ended {
  code: number
  output: string
}

/** Not waited for in the way of spawnSync: the registry that is asked is in this process. */
async function run(cwd: string, program: string, args: readonly string[], more: Record<string, string> = {}): Promise<Ended> {
  const { npm_config_userconfig: _, NODE_TEST_CONTEXT: __, ...inherited } = process.env
  const env = { ...inherited, HOME: home, XDG_STATE_HOME: path.join(home, 'state'), XDG_DATA_HOME: path.join(home, 'data'), NO_COLOR: '1', npm_config_loglevel: 'error', npm_config_userconfig: path.join(home, '.npmrc'), ...more }
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: code as number, output: `${stdout}${stderr}` }
}

async function must(...given: Parameters<typeof run>): Promise<void> {
  const { code, output } = await run(...given)
  if (code !== 0) throw new Error(`${given[1]} ${given[2].join(' ')}:\n${output}`)
}

describe('a release', { timeout: 120_000 }, () => {
  it('of a minor of core leaves the majors of all plugins alone', () => {
    const scratch = cloneRepository(path.join(folder, 'minor'))
    scratch.only("---\n'@chaos/core': minor\n---\n\nSomething more.\n")
    const before = Object.fromEntries(scratch.manifests().map(({ name, version }) => [name, version]))
    const after = scratch.version()
    expect(after['@chaos/core']).toBe('1.1.0')
    expect(Object.entries(after).filter(([name, version]) => version.split('.')[0] !== before[name]?.split('.')[0])).toEqual([])
    expect(scratch.manifests().filter(({ name }) => /^@chaos\/(connector|role|provider|boat)-/.test(name)).map(({ peerDependencies }) => peerDependencies?.['@chaos/core'])).toEqual(
      expect.not.arrayContaining([expect.not.stringMatching(/^\^1\.0\.0$/)]) as unknown,
    )
  })

  it('of what is waiting raises no major, and writes what changed', () => {
    const after = clone.version()
    expect(Object.entries(after).filter(([, version]) => !version.startsWith('1.'))).toEqual([])
    expect(readdirSync(path.join(clone.folder, '.changeset')).filter((name) => name.endsWith('.md'))).toEqual([])
    expect(readFileSync(path.join(clone.folder, 'packages/core/CHANGELOG.md'), 'utf8')).toContain(`## ${after['@chaos/core']}`)
  })
})

describe('what was published', { timeout: 180_000 }, () => {
  let machines = ''
  const chaos = (args: readonly string[], env?: Record<string, string>): Promise<Ended> => run(machines, 'npx', ['--no-install', 'chaos', ...args], env)
  const write = (obolo: object): void => writeFileSync(path.join(machines, 'ch-obolo.yml'), JSON.stringify(obolo))

  beforeAll(async () => {
    // As pnpm publish does it for one package after the other: packed by pnpm, which puts versions for workspace:^, and sent by npm.
    const packed = path.join(folder, 'packed')
    const HOME = process.env['HOME'] ?? ''
    await must(clone.folder, process.execPath, ['scripts/pnpm.mjs', '-r', '--filter', '@chaos/*', 'pack', '--pack-destination', packed], { HOME })
    for (const tarball of readdirSync(packed)) {
      const place = path.join(packed, tarball.slice(0, -4))
      mkdirSync(place)
      await must(place, 'tar', ['-xzf', path.join(packed, tarball)])
    }
    writeFileSync(path.join(packed, 'package.json'), '{ "private": true, "workspaces": ["*/package"] }')
    await must(packed, 'npm', ['publish', '--workspaces', '--access', 'public'])

    const theirs = path.join(folder, 'theirs')
    cpSync(CONNECTOR, theirs, { recursive: true })
    const manifest = JSON.parse(readFileSync(path.join(theirs, 'package.json'), 'utf8')) as object
    writeFileSync(path.join(theirs, 'package.json'), JSON.stringify({ ...manifest, name: '@acme/chaos-connector-unshare' }))
    await must(theirs, 'npm', ['publish', '--access', 'public'])

    machines = path.join(folder, 'machines')
    mkdirSync(machines)
  }, 180_000)

  it('is all of ours, once: the same version is not taken twice', async () => {
    const ours = clone.manifests().filter(({ name }) => name.startsWith('@chaos/'))
    expect(registry.published()).toEqual([...ours.map(({ name, version }) => `${name}@${version}`), '@acme/chaos-connector-unshare@1.0.0'].toSorted())
    const again = await run(path.join(folder, 'theirs'), 'npm', ['publish', '--access', 'public'])
    expect([again.code, again.output]).toEqual([1, expect.stringMatching(/there already|previously published/)])
  })

  it('is installed with npm alone into an empty directory, with two plugins, and applied', async () => {
    const installed = await run(machines, 'npm', ['install', '--no-audit', '--no-fund', '@chaos/cli', '@chaos/provider-env', '@chaos/provider-exec'])
    expect(installed.code, installed.output).toBe(0)
    const file = path.join(machines, 'made')
    write({ files: [{ path: file, content: '${secret:env:NAME} and ${secret:exec:two}\n', mode: '0600' }] })
    mkdirSync(path.join(home, '.config/chaos'), { recursive: true })
    writeFileSync(path.join(home, '.config/chaos/config.yml'), 'secret_providers: { exec: { command: [printf, "%s"] } }\n')
    const first = await chaos(['apply', '-y'], { NAME: 'one' })
    expect([first.code, first.output]).toEqual([0, expect.stringContaining(file)])
    expect(readFileSync(file, 'utf8')).toBe('one and two\n')
    expect((await chaos(['apply', '--dry', '--detailed-exitcode'], { NAME: 'one' })).code).toBe(0)
  })

  it('is installed by styx from the registry of npm, a connector of somebody else, and used', async ({ skip }) => {
    const hash = registry.integrity('@acme/chaos-connector-unshare', '1.0.0')
    writeFileSync(path.join(machines, 'styx.yml'), JSON.stringify({ styx: { unshare: { name: '@acme/chaos-connector-unshare', version: '1.0.0', hash } } }))
    const invoked = await chaos(['styx', 'invoke', 'unshare', '--registry', 'styx.yml'])
    expect([invoked.code, invoked.output]).toEqual([0, expect.stringContaining('@acme/chaos-connector-unshare 1.0.0')])
    expect((await chaos(['check', 'connectors'])).output).toMatch(/^@unshare +@acme\/chaos-connector-unshare 1\.0\.0$/m)

    const reason = missing()
    if (reason) skip(reason)
    const before = process.cwd()
    const root = makeRoot()
    process.chdir(before)
    try {
      write({ files: [{ path: '/srv/made', content: 'made inside' }], fleet: { hosts: [`@unshare${root}`] } })
      const applied = await chaos(['apply', '--fleet', '-y'])
      expect(applied.code, applied.output).toBe(0)
      expect(readFileSync(path.join(root, 'srv/made'), 'utf8')).toBe('made inside')
    } finally {
      rmSync(path.dirname(root), { recursive: true, force: true })
    }
  })
})
