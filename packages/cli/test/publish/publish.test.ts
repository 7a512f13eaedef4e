import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { REPOSITORY, packed } from './packed.ts'
import { blocksOf, makeTerminal } from './page.ts'
import { cloneRepository } from './release.ts'
import type { Clone } from './release.ts'
import { openSite } from './site.ts'
import type { Ended, Site } from './site.ts'

const CONNECTOR = path.join(REPOSITORY, 'examples/plugins/chaos-connector-unshare')
const { makeRoot, missing } = (await import(pathToFileURL(path.join(CONNECTOR, 'test/root.js')).href)) as { makeRoot(): string; missing(): string | false }
const MINOR_OF_CORE = "---\n'@chaos/core': minor\n---\n\nSomething more.\n"

let site: Site
let clone: Clone
let machines = ''

beforeAll(async () => {
  site = await openSite()
  clone = cloneRepository(path.join(site.folder, 'clone'))
  machines = path.join(site.folder, 'machines')
  mkdirSync(machines)
})
afterAll(() => site.close())

describe('a release', { timeout: 600_000 }, () => {
  it('of a minor of core leaves the majors of all plugins alone', () => {
    const scratch = cloneRepository(path.join(site.folder, 'minor'))
    scratch.only(MINOR_OF_CORE)
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

  it('is published by changeset publish, through pnpm: the new core, and a plugin that was never there', async () => {
    const { run, must, registry } = site
    const two = cloneRepository(path.join(site.folder, 'two'), ['core', 'provider-env'])
    two.only(MINOR_OF_CORE)
    two.version()
    const publish = ['scripts/pnpm.mjs', 'exec', 'env', `npm_config_registry=${registry.url}`, 'node', 'node_modules/@changesets/cli/bin.js', 'publish', '--no-git-tag']
    // npx keeps the pinned pnpm in the home of who runs the tests.
    await must(two.folder, process.execPath, publish, { HOME: process.env['HOME'] ?? '' })
    expect(await registry.published()).toEqual(['@chaos/core@1.1.0', '@chaos/provider-env@1.0.0'])
    expect(await registry.manifest('@chaos/provider-env', '1.0.0')).toMatchObject({
      peerDependencies: { '@chaos/core': '^1.0.0' },
      exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' },
    })
    const again = await run(path.join(two.folder, 'packages/core'), 'npm', ['publish', '--access', 'public'])
    expect([again.code, again.output]).toEqual([1, expect.stringMatching(/already present|previously published/)])
  })

  it('takes all other packages along, with nothing in them that only a workspace understands', async () => {
    const { folder, must, registry } = site
    const there = ['core', 'provider-env']
    const packages = path.join(folder, 'packages')
    mkdirSync(packages)
    // What pnpm publish does for one package after the other, for all of them at once: packed by pnpm, and sent by npm.
    for (const tarball of readdirSync(packed())) {
      const place = path.join(packages, tarball.replace(/-\d+\.\d+\.\d+\.tgz$/, ''))
      if (there.includes(path.basename(place).replace('chaos-', ''))) continue
      mkdirSync(place)
      await must(place, 'tar', ['-xzf', path.join(packed(), tarball), '--strip-components=1'])
      expect(readFileSync(path.join(place, 'package.json'), 'utf8')).not.toMatch(/"(workspace|catalog):/)
    }
    writeFileSync(path.join(packages, 'package.json'), '{ "private": true, "workspaces": ["*"] }')
    await must(packages, 'npm', ['publish', '--workspaces', '--access', 'public', '--ignore-scripts', '--provenance=false'], { npm_config_registry: registry.url })
    const ours = clone.manifests().map(({ name }) => name).toSorted()
    expect((await registry.published()).map((each) => each.replace(/@[^@]+$/, ''))).toEqual(ours)
  })
})

describe('what was published', { timeout: 600_000 }, () => {
  const chaos = (args: readonly string[], env?: Record<string, string>): Promise<Ended> => site.run(machines, 'npx', ['--no-install', 'chaos', ...args], env)
  const write = (obolo: object): void => writeFileSync(path.join(machines, 'ch-obolo.yml'), JSON.stringify(obolo))

  it('is installed with npm alone into an empty directory, with two plugins, and applied', async () => {
    await site.must(machines, 'npm', ['install', '@chaos/cli', '@chaos/provider-env', '@chaos/provider-exec'])
    const file = path.join(machines, 'made')
    write({ files: [{ path: file, content: '${secret:env:NAME} and ${secret:exec:two}\n', mode: '0600' }] })
    mkdirSync(path.join(site.home, '.config/chaos'), { recursive: true })
    writeFileSync(path.join(site.home, '.config/chaos/config.yml'), 'secret_providers: { exec: { command: [printf, "%s"] } }\n')
    const first = await chaos(['apply', '-y'], { NAME: 'one' })
    expect([first.code, first.output]).toEqual([0, expect.stringContaining(file)])
    expect(readFileSync(file, 'utf8')).toBe('one and two\n')
    expect((await chaos(['apply', '--dry', '--detailed-exitcode'], { NAME: 'one' })).code).toBe(0)
  })

  it('is enough for the page about plugins, each block of which is typed as it stands', async () => {
    const page = readFileSync(path.join(REPOSITORY, 'docs/plugins.md'), 'utf8')
    const [create, install, publish, view, entry, styx, ...more] = blocksOf(page)
    expect([create, install, publish, view, entry, styx].map((each) => each?.language)).toEqual(['sh', 'sh', 'sh', 'sh', 'yaml', 'sh'])
    expect(more).toEqual([])
    const type = makeTerminal(site, site.folder)

    expect((await type(create!.code)).at(-1)).toMatch(/^# fail 0$/m)
    expect((await type(install!.code)).at(-1)).toMatch(/^motd$/m)
    expect(page).toContain('`npx chaos check plugins`')
    expect((await type('npx chaos check plugins'))[0]).toMatch(/^@acme\/chaos-role-motd 1\.0\.0\n {2}from project: /m)
    await type(publish!.code)
    const hash = (await site.registry.manifest('@acme/chaos-role-motd', '1.0.0')).dist.integrity
    expect(await type(view!.code)).toEqual([`${hash}\n`])
    writeFileSync(path.join(machines, 'styx.yml'), entry!.code.replace('sha512-…', hash))
    const [invoked, verified] = await type(styx!.code)
    expect(invoked).toContain('@acme/chaos-role-motd 1.0.0')
    expect(verified).toMatch(/motd 1\.0\.0 {2}integrity verified · registry reviewed · signature not verified · provenance not verified/)
  })

  it('is joined by the connector of somebody else, from npm by styx, and used', async ({ skip }) => {
    const theirs = path.join(site.folder, 'theirs')
    cpSync(CONNECTOR, theirs, { recursive: true })
    const manifest = JSON.parse(readFileSync(path.join(theirs, 'package.json'), 'utf8')) as object
    writeFileSync(path.join(theirs, 'package.json'), JSON.stringify({ ...manifest, name: '@acme/chaos-connector-unshare' }))
    await site.must(theirs, 'npm', ['publish', '--access', 'public'])
    const hash = (await site.registry.manifest('@acme/chaos-connector-unshare', '1.0.0')).dist.integrity
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
