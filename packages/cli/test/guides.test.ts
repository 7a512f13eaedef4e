import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { noSshd, startSshd } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeDesk } from './command-line.ts'
import type { Desk } from './command-line.ts'
import { REPOSITORY, installed } from './publish/packed.ts'
import { recipesOf } from './recipes.ts'

const EXAMPLES = path.join(REPOSITORY, 'examples/plugins')

/** Each page, and the example files that it shows. What else stands in its blocks is run below, by their text. */
const PAGES: Readonly<Record<string, readonly string[]>> = {
  'writing-a-boat.md': ['chaos-boat-prometheus/package.json', 'chaos-boat-prometheus/index.js', 'chaos-boat-prometheus/test/boat.test.js', 'chaos-boat-prometheus/ch-obolo.yml'],
  'writing-a-provider.md': ['chaos-provider-systemd/package.json', 'chaos-provider-systemd/index.js', 'chaos-provider-systemd/test/provider.test.js', 'chaos-provider-systemd/ch-obolo.yml'],
  'writing-a-role.md': ['my-chaos-plugin/roles.js', 'chaos-role-timezone/index.js', 'chaos-role-timezone/package.json', 'chaos-role-timezone/test/role.test.js', 'chaos-role-timezone/ch-obolo.yml'],
  'writing-an-explanation.md': ['chaos-plugin-runbook/package.json', 'chaos-plugin-runbook/index.js', 'chaos-plugin-runbook/test/explain.test.js'],
  'writing-aliases-and-keys.md': [
    ...['package.json', 'test/aliases.test.js'].map((file) => `chaos-plugin-webserver/${file}`),
    ...['package.json', 'index.js', 'test/keys.test.js'].map((file) => `chaos-plugin-vps/${file}`),
    'my-chaos-plugin/package.json',
  ],
}
const PLUGINS = ['chaos-boat-prometheus', 'chaos-plugin-runbook', 'chaos-plugin-vps', 'chaos-plugin-webserver', 'chaos-provider-systemd', 'chaos-role-timezone']

describe.each(Object.entries(PAGES))('the page %s', (page, files) => {
  const text = readFileSync(path.join(REPOSITORY, 'docs', page), 'utf8')
  const example = (file: string): string => readFileSync(path.join(EXAMPLES, file), 'utf8').trim()

  it('shows the files of its example as they are, and how it is installed', () => {
    for (const file of files) expect(text).toContain(`\`${file.slice(file.indexOf('/') + 1)}\`:\n\n\`\`\`${path.extname(file).slice(1).replace('yml', 'yaml')}\n${example(file)}\n\`\`\``)
    const shown = [...files.map(example), ...PLUGINS.map((each) => `npm install ${each}`), ...recipesOf(text)]
    const blocks = [...text.matchAll(/^```\w*\n([^]*?)\n```$/gm)].map(([, code = '']) => code)
    expect(blocks.filter((code) => !shown.includes(code))).toEqual([])
  })

  it('has code that fits on a screen, and links to what is there', () => {
    for (const file of files.filter((each) => /(index|roles)\.js$/.test(each))) expect(example(file).split('\n').length).toBeLessThanOrEqual(50)
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => match[1] as string)
    expect(links.length).toBeGreaterThan(1)
    expect(links.filter((link) => !existsSync(path.join(REPOSITORY, 'docs', link)))).toEqual([])
  })
})

describe('the plugins of these pages, installed from their tarballs beside the CLI', { timeout: 240_000 }, () => {
  let desk: Desk
  let folder = ''
  let place = ''
  let inventory: Server

  beforeAll(async () => {
    desk = makeDesk()
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'chaos-guides-')))
    place = path.join(folder, 'machines')
    execFileSync('cp', ['-R', installed(), place])
    inventory = createServer((_, response) => response.end(JSON.stringify([{ targets: ['@local:9100'], labels: { job: 'node' } }])))
    await new Promise<void>((resolve) => inventory.listen(0, '127.0.0.1', resolve))
  }, 600_000)
  afterAll(() => {
    inventory.close().closeAllConnections()
    desk.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  // By the command that was installed, which is not in this process: the boat asks a server that is.
  const chaos = (args: readonly string[], env: Record<string, string> = {}) => desk.chaos(args, { env, program: path.join(place, 'node_modules/@chaos/cli/bin/chaos.js'), cwd: place })
  const write = (obolo: object): void => writeFileSync(path.join(place, 'ch-obolo.yml'), JSON.stringify(obolo))

  it.each(PLUGINS)('%s passes its own tests, with the published testkit', (name) => {
    const plugin = path.join(place, 'node_modules', name)
    cpSync(path.join(EXAMPLES, name, 'test'), path.join(plugin, 'test'), { recursive: true })
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const { status, stdout } = spawnSync(process.execPath, ['--test', ...readdirSync(path.join(plugin, 'test')).map((file) => `test/${file}`)], { cwd: plugin, encoding: 'utf8', env })
    expect(status, stdout).toBe(0)
    expect(stdout).toMatch(/^# pass ([3-9]|\d\d)$/m)
  })

  it('are listed', async () => {
    expect((await chaos(['check', 'boats'])).stdout).toMatch(/^prometheus\b/m)
    expect((await chaos(['check', 'providers'])).stdout).toMatch(/^systemd\b/m)
    expect((await chaos(['check', 'roles'])).stdout).toMatch(/^timezone$/m)
    expect((await chaos(['check', 'explanations'])).stdout).toMatch(/^runbook$/m)
    expect((await chaos(['check', 'templates'])).stdout).toMatch(/^vps$/m)
    expect((await chaos(['check', 'aliases'])).stdout).toContain('site → users web\nusr → users\nweb → packages files services\nwww → web\n')
  })

  it('are explained, with - and _ the same', async () => {
    expect(await chaos(['explain', 'runbook.list'])).toMatchObject({ code: 0, stdout: 'deploy\ndisk-full\ncertificate\n' })
    expect(await chaos(['explain', 'runbook.disk_full'])).toMatchObject({ code: 0, stdout: expect.stringContaining('A disk is full') as string })
  })

  it('stand for roles, in their order; what is missing is named, and an alias of the user comes first', async () => {
    write({ files: [{ path: path.join(folder, 'www'), state: 'directory' }] })
    expect(await chaos(['apply', 'www', '--dry'])).toMatchObject({ code: 2, stderr: expect.stringContaining('@chaos/role-packages') as string })
    desk.write('config/config.yml', 'aliases: { web: files }\n')
    const { code, stdout, stderr } = await chaos(['apply', 'www', '--dry'])
    desk.write('config/config.yml', '{}\n')
    expect([code, stdout], stdout + stderr).toEqual([0, expect.stringContaining('1 change')])
    expect(stderr).toContain('Your alias `web` (files) is used instead of the one of a plugin (packages files services).')
  })

  it('give a new Ch-obolo its keys, and what they make is valid', async () => {
    rmSync(path.join(place, 'ch-obolo.yml'), { force: true })
    expect(await chaos(['init', 'chobolo', 'vps'])).toMatchObject({ code: 0 })
    expect(readFileSync(path.join(place, 'ch-obolo.yml'), 'utf8')).toContain('# chaos-plugin-vps\nadmin: ana\n')
    const { code, stdout, stderr } = await chaos(['check'])
    expect(code, stdout + stderr).toBe(0)
  })

  it('give a run its hosts and its secrets', async () => {
    const credentials = path.join(folder, 'credentials')
    mkdirSync(credentials, { recursive: true })
    writeFileSync(path.join(credentials, 'db-password'), 'CaNaRy\n', { mode: 0o400 })
    const file = path.join(folder, 'password')
    const url = `http://127.0.0.1:${(inventory.address() as AddressInfo).port}/targets`
    write({ files: [{ path: file, content: '${secret:systemd:db-password}', mode: '0600' }], fleet: { boats: [{ provider: 'prometheus', config: { url } }] } })
    const { code, stdout, stderr } = await chaos(['apply', '--fleet', '--limit', 'group:node', '-y'], { CREDENTIALS_DIRECTORY: credentials })
    expect(code, stdout + stderr).toBe(0)
    expect(readFileSync(file, 'utf8')).toBe('CaNaRy')
    expect(stdout + stderr).not.toContain('CaNaRy')
  })

  it('show what would change of a machine, and refuse a zone that it does not know', async () => {
    write({ timezone: 'Europe/Berlni' })
    expect(await chaos(['apply', '--dry'])).toMatchObject({ code: 1, stdout: expect.stringContaining('knows no time zone Europe/Berlni') as string })
    write({ timezone: '../../etc' })
    expect(await chaos(['apply', '--dry'])).toMatchObject({ code: 2, stderr: expect.stringContaining('a zone is written like Europe/Berlin') as string })
  })

  it('change a real machine, once', async ({ skip }) => {
    const reason = noSshd() ?? (existsSync('/usr/share/zoneinfo/Europe/Berlin') ? undefined : 'needs tzdata')
    if (reason) skip(reason)
    const { host, port, key, knownHosts, ...sshd } = await startSshd()
    try {
      await sshd.run('ln -sf /usr/share/zoneinfo/Etc/UTC /etc/localtime')
      const data = { ssh_hostname: host, ssh_port: port, ssh_user: 'root', ssh_key: key, ssh_known_hosts_file: knownHosts, ssh_config_file: '/dev/null' }
      write({ timezone: 'Europe/Berlin', fleet: { hosts: [{ machine: data }] } })
      const { code, stdout, stderr } = await chaos(['apply', '--fleet', '-y'])
      expect(code, stdout + stderr).toBe(0)
      expect(await sshd.run('readlink /etc/localtime; unset TZ; date -d "2024-07-01 12:00 UTC" +%H')).toBe('/usr/share/zoneinfo/Europe/Berlin\n14\n')
      expect(await chaos(['apply', '--fleet', '--dry', '--detailed-exitcode'])).toMatchObject({ code: 0 })
    } finally {
      await sshd.close()
    }
  })
})
