import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { REPOSITORY, installed } from './publish/packed.ts'

const PLUGIN = path.join(REPOSITORY, 'examples/plugins/my-chaos-plugin')
const ITS_DIRECTORY = '/tmp/my-role-dir'
const NEEDS_ROOT = 'only root makes a directory that belongs to root'

/** Into which npm installed the CLI and the plugin, both from their tarballs as they are published. */
let folder = ''
let place = ''
const wasThere = existsSync(ITS_DIRECTORY)

beforeAll(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'chaos-guide-')))
  place = path.join(folder, 'machines')
  execFileSync('cp', ['-R', installed(), place])
}, 600_000)

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
  if (!wasThere) rmSync(ITS_DIRECTORY, { recursive: true, force: true })
})

function chaos(...args: string[]) {
  const env = { ...process.env, NO_COLOR: '1', HOME: folder, XDG_STATE_HOME: path.join(folder, 'state'), CHAOS_STATE_FOLDER: path.join(folder, 'machine-state'), npm_config_loglevel: 'error' }
  const { status, stdout, stderr } = spawnSync(path.join(place, 'node_modules/.bin/chaos'), args, { cwd: place, encoding: 'utf8', env, timeout: 60_000 })
  return { code: status, stdout, stderr }
}

describe('the plugin of the guide, installed from its tarball beside the CLI', () => {
  it('is explained', () => {
    const { code, stdout } = chaos('explain', 'my-role')
    expect(code).toBe(0)
    expect(stdout).toContain('Ensures that /tmp/my-role-dir exists, owned by root with mode 755')
  })

  it('lists its topics, and shows one', () => {
    expect(chaos('explain', 'my-role.list').stdout).toBe('usage\n')
    expect(chaos('explain', 'my-role.usage').stdout).toContain('chaos apply mr')
  })

  it('is listed among the roles', () => {
    const { code, stdout } = chaos('check', 'roles')
    expect(code).toBe(0)
    expect(stdout.split('\n')).toContain('my-role')
  })

  it('has its example keys in a new Ch-obolo', () => {
    expect(chaos('init', 'chobolo')).toMatchObject({ code: 0 })
    expect(readFileSync(path.join(place, 'ch-obolo.yml'), 'utf8')).toContain('my_role_dirs:\n  - /tmp/dir1\n')
  })

  it('is applied by its alias, and the second time there is nothing to do', ({ skip }) => {
    if (process.getuid?.() !== 0) skip(NEEDS_ROOT)
    const another = path.join(folder, 'another')
    writeFileSync(path.join(place, 'ch-obolo.yml'), `my_role_dirs:\n  - ${another}\n`)

    const first = chaos('apply', 'mr', '-y')

    expect(first.code, first.stderr).toBe(0)
    for (const directory of [ITS_DIRECTORY, another]) {
      const { uid, mode } = statSync(directory)
      expect([directory, uid, (mode & 0o7777).toString(8)]).toEqual([directory, 0, '755'])
    }
    expect(chaos('apply', 'my-role', '--dry', '--detailed-exitcode')).toMatchObject({ code: 0 })
  })

  it('passes its own tests, with the published testkit', () => {
    const plugin = path.join(place, 'node_modules/my-chaos-plugin')
    cpSync(path.join(PLUGIN, 'test'), path.join(plugin, 'test'), { recursive: true })
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const { status, stdout } = spawnSync(process.execPath, ['--test'], { cwd: plugin, encoding: 'utf8', env })
    expect(status, stdout).toBe(0)
  })
})
