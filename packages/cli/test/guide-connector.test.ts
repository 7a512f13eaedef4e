import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { noSshd, startSshd } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { REPOSITORY, installed } from './publish/packed.ts'

const CONNECTOR = path.join(REPOSITORY, 'examples/plugins/chaos-connector-unshare')
const PAGE = readFileSync(path.join(REPOSITORY, 'docs/writing-a-connector.md'), 'utf8')

describe('the page about writing a connector', () => {
  const example = (file: string): string => readFileSync(path.join(CONNECTOR, file), 'utf8').trim()
  const blocks = [...PAGE.matchAll(/^```(\w*)\n([^]*?)\n```$/gm)].map(([, language = '', code = '']) => [language, code] as const)

  it('shows the files of the example as they are', () => {
    const files = ['package.json', 'index.js', 'test/connector.test.js', 'ch-obolo.yml']
    for (const file of files) expect(PAGE).toContain(`\`${file}\`:\n\n\`\`\`${path.extname(file).slice(1).replace('yml', 'yaml')}\n${example(file)}\n\`\`\``)
    const shown = [...files.map(example), 'npm install chaos-connector-unshare']
    expect(blocks.map(([, code]) => code).filter((code) => !shown.includes(code))).toEqual([])
    expect(example('README.md')).toContain('npm install chaos-connector-unshare')
  })

  it('has a connector that fits on a screen, and links to what is there', () => {
    expect(example('index.js').split('\n').length).toBeLessThanOrEqual(50)
    const links = [...PAGE.matchAll(/\]\((\.\.?\/[^)#]+)/g)].map((match) => match[1] as string)
    expect(links.length).toBeGreaterThan(3)
    expect(links.filter((link) => !existsSync(path.join(REPOSITORY, 'docs', link)))).toEqual([])
  })
})

describe('the connector of the guide, installed from its tarball beside the CLI', { timeout: 240_000 }, async () => {
  const { makeRoot, missing } = (await import(pathToFileURL(path.join(CONNECTOR, 'test/root.js')).href)) as { makeRoot(): string; missing(): string | false }
  const cannot = missing()
  let folder = ''
  let place = ''

  beforeAll(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'chaos-connector-guide-')))
    place = path.join(folder, 'machines')
    execFileSync('cp', ['-R', installed(), place])
  }, 600_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  function chaos(...args: string[]): { code: number | null; stdout: string; stderr: string } {
    const env = { ...process.env, NO_COLOR: '1', HOME: folder, XDG_STATE_HOME: path.join(folder, 'state'), npm_config_loglevel: 'error' }
    const { status, stdout, stderr } = spawnSync('npx', ['--no-install', 'chaos', ...args], { cwd: place, encoding: 'utf8', env, timeout: 200_000 })
    return { code: status, stdout, stderr }
  }

  const write = (hosts: readonly object[], files: readonly object[]): void =>
    writeFileSync(path.join(place, 'ch-obolo.yml'), JSON.stringify({ files, fleet: { hosts } }))

  it('is listed with its package and version', () => {
    expect(chaos('check', 'connectors').stdout).toMatch(/^@unshare +chaos-connector-unshare 1\.0\.0$/m)
    expect(JSON.parse(chaos('check', 'connectors', '--json').stdout)).toContainEqual({ name: 'unshare', package: 'chaos-connector-unshare', version: '1.0.0' })
  })

  it('has its host keys explained, and in the schema', () => {
    const { stdout } = chaos('explain', 'connectors.unshare')
    expect(stdout).toContain('A folder with a system in it, entered without being root.')
    expect(stdout).toMatch(/unshare_network.*what runs inside has no network/s)
    expect(chaos('schema').stdout).toContain('"unshare_network"')
    write([{ '@unshare/srv': { unshare_networks: false } }], [])
    const { code, stderr } = chaos('apply', '--fleet', '--dry')
    expect([code, stderr]).toEqual([2, expect.stringContaining('Did you mean "unshare_network"?')])
  })

  it('is applied, and the second time there is nothing to do', ({ skip }) => {
    if (cannot) skip(cannot)
    const before = process.cwd()
    const root = makeRoot()
    process.chdir(before)
    try {
      write([{ [`@unshare${root}`]: { unshare_network: false } }], [{ path: '/srv/made', mode: '0750' }, { path: '/srv/made/file', content: 'made inside' }])
      const first = chaos('apply', '--fleet', '-y')
      expect(first.code, first.stdout + first.stderr).toBe(0)
      expect(readFileSync(path.join(root, 'srv/made/file'), 'utf8')).toBe('made inside')
      expect((statSync(path.join(root, 'srv/made')).mode & 0o7777).toString(8)).toBe('750')
      expect(chaos('apply', '--fleet', '--dry', '--detailed-exitcode')).toMatchObject({ code: 0 })
      expect(readdirSync(path.join(root, 'dev'))).toEqual([])
    } finally {
      // Its own way to go, with the process, is not that of a test runner's worker.
      rmSync(path.dirname(root), { recursive: true, force: true })
    }
  })

  it('is applied on a machine behind ssh, by a user who is not root', async ({ skip }) => {
    const reason = cannot || noSshd()
    if (reason) skip(reason)
    const { host, port, key, knownHosts, ...sshd } = await startSshd({ users: { ana: {} } })
    try {
      await sshd.run('mkdir -p /srv/root/bin /srv/root/dev /srv/root/tmp; cp /bin/busybox /srv/root/bin; chroot /srv/root /bin/busybox --install -s /bin; chown -R ana: /srv/root')
      const data = { ssh_hostname: host, ssh_port: port, ssh_user: 'ana', ssh_key: key, ssh_known_hosts_file: knownHosts, ssh_config_file: '/dev/null' }
      write([{ '@ssh/machine/@unshare/srv/root': data }], [{ path: '/srv/file', content: 'made inside' }])
      const { code, stdout, stderr } = chaos('apply', '--fleet', '-y')
      expect(code, stdout + stderr).toBe(0)
      expect(await sshd.run('cat /srv/root/srv/file; stat -c " by %U" /srv/root/srv/file')).toBe('made inside by ana\n')
    } finally {
      await sshd.close()
    }
  })

  it('passes its own tests, with the published testkit', () => {
    const plugin = path.join(place, 'node_modules/chaos-connector-unshare')
    cpSync(path.join(CONNECTOR, 'test'), path.join(plugin, 'test'), { recursive: true })
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const { status, stdout } = spawnSync(process.execPath, ['--test', 'test/connector.test.js'], { cwd: plugin, encoding: 'utf8', env, timeout: 200_000 })
    expect(status, stdout).toBe(0)
    expect(stdout).toMatch(cannot ? /skipped/ : /pass [3-9]\d/)
  })
})
