import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineOperation, sh, touch } from '@chaos/core'
import type { Change, Touch } from '@chaos/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { debian } from '../../../testkit/src/index.ts'
import { keptOf } from '../../src/run/guard/keep.ts'
import { markAccess } from '../../src/run/guard/risk.ts'
import { watcherScript } from '../../src/run/guard/watcher.ts'
import type { HostBase } from '../../src/run/host-view.ts'
import { newOperationRun } from '../../src/run/operation-run.ts'
import { anything, applyTo, fakeConnector } from './support.ts'

const base = { os: { ...debian, home: '/home/ana' }, book: { links: new Map([['/etc/here', '/etc/ssh']]) } } as unknown as Pick<HostBase, 'os' | 'book'>

const write = (path: string): Change => ({ summary: 'write', do: [{ write: { path, content: '' } }] })
const command: Change = { summary: 'run', do: [{ run: sh`true` }] }

function marked(touches: readonly Touch[] | undefined, change: Change): { risk: Change['risk']; kept: string[] } {
  const operation = defineOperation({ name: 'test.any', args: anything<object>(), diff: () => [change], ...(touches === undefined ? {} : { touches: () => touches }) })
  const run = newOperationRun('web', 'test', 0, operation({}), {})
  run.diff = [change]
  const [found] = markAccess(run, [change], base)
  return { risk: found?.risk, kept: keptOf(run, [found as Change], '/home/ana').map(({ path, whole }) => (whole ? path : `${path} alone`)) }
}

describe('what may cut off access', () => {
  test.each([
    ['/etc/ssh/sshd_config'], ['/etc/sudoers.d/ana'], ['/etc/pam.d/sshd'], ['/home/ana/.ssh/authorized_keys'], ['/etc/netplan/50.yaml'], ['/etc/resolv.conf'],
    ['/etc/passwd'], ['/etc//ssh/./x'], ['/etc/here/sshd_config'],
  ])('a file at %s is found by its path and kept', (path) => {
    expect(marked([touch.path(path)], write(path)).risk).toBe('access')
    expect(marked([touch.path(path)], command).risk).toBe('access')
  })

  test.each([['/etc/motd'], ['/etc/sshfs.conf'], ['/home/bob/.ssh/authorized_keys'], ['/home/ana/.sshrc'], ['/srv/etc/ssh/sshd_config']])('a file at %s is not', (path) => {
    expect(marked([touch.path(path)], write(path)).risk).toBeUndefined()
  })

  test('what holds such a place is risky, and that place alone is kept of it', () => {
    expect(marked([touch.path('/home/ana')], command)).toEqual({ risk: 'access', kept: ['/home/ana/.ssh'] })
  })

  test('its entry alone does not reach into it', () => {
    expect(marked([touch.entry('/etc')], command).risk).toBeUndefined()
    expect(marked([touch.entry('/etc/ssh')], command)).toEqual({ risk: 'access', kept: ['/etc/ssh alone'] })
  })

  test('what only writes files elsewhere is not, wherever it may reach', () => {
    expect(marked([touch.path('/etc')], write('/etc/app/x')).risk).toBeUndefined()
  })

  test('what manages accounts says itself who is cut off, and what is undone by a command leaves the accounts of others alone', () => {
    const touches = [touch.named('user', 'ana'), touch.path('/etc/passwd')]
    expect(marked(touches, command).risk).toBeUndefined()
    expect(marked(touches, { ...command, risk: 'access', undo: [sh`usermod -s /bin/sh ana`] })).toEqual({ risk: 'access', kept: [] })
    expect(marked(touches, { ...command, risk: 'access' }).kept).toEqual(['/etc/passwd'])
  })

  test('what does not say what it touches is taken at its word', () => {
    expect(marked(undefined, command).risk).toBeUndefined()
    expect(marked(undefined, { ...command, risk: 'access' })).toEqual({ risk: 'access', kept: [] })
  })
})

const shells = ['/bin/dash', '/bin/bash', '/usr/bin/mksh', '/bin/busybox'].filter((shell) => existsSync(shell))

describe.each(shells)('the watcher, by %s', (shell) => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'chaos-guard-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  test('puts back files, links, folders and their modes, removes what is new, and then runs the commands', () => {
    const at = (name: string): string => join(folder, name)
    const setUp = `cd '${folder}'; umask 022; mkdir g g/1 g/path-1 g/path-2 g/path-3 g/path-4 g/path-5 g/path-6 new 'a folder' mode
: >g/1/frame; : >g/1/undo
echo old >old; chmod 640 old; cp -a old g/path-1/was; echo other >old; chmod 600 old
ln -s target link; cp -a link g/path-2/was; rm link; echo file >link
echo in >'a folder/in'; cp -a 'a folder' g/path-3/was; rm 'a folder/in'; echo more >'a folder/more'
: >g/path-4/absent
: >g/path-5/absent; : >g/path-5/entry
chmod 750 mode; : >g/path-6/entry; stat -c '%u:%g %a' mode >g/path-6/is; chmod 700 mode
: >new/file`
    expect(spawnSync('/bin/bash', ['-ec', setUp], { encoding: 'utf8' }).stderr).toBe('')
    const entries = ([['new', false, 5], ['old', true, 1], ['link', true, 2], ['a folder', true, 3], ['new/file', true, 4], ['mode', false, 6]] as const)
      .map(([name, whole, number]) => ({ number, path: at(name), whole }))
    // The folder goes while it waits to be read.
    const undo = [sh`cat ${at('old')} >${at('ran')}`, sh`exit 7`, sh`(until grep -qx done ${at('g/1/result')}; do sleep 0.05; done; mv ${at('g/1')} ${at('read')}) >/dev/null 2>&1 &`]
    writeFileSync(at('watch'), watcherScript({ seconds: 60, work: 60, entries, undo }).text)
    const given = [at('watch'), at('g'), '1', folder]
    const { status, stderr } = spawnSync(shell, shell.endsWith('busybox') ? ['sh', ...given] : given, { encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
    expect(readFileSync(at('read/result'), 'utf8')).toBe('path 6 0\npath 4 0\npath 3 0\npath 2 0\npath 1 0\npath 5 0\nundo 0 0\nundo 1 7\nundo 2 0\ndone\n')
    const seen = spawnSync('/bin/bash', ['-c', `cd '${folder}'; cat ran old; stat -c '%a %n' old mode; readlink link; ls -A 'a folder'; ls`], { encoding: 'utf8' }).stdout
    expect(seen).toBe('old\nold\n640 old\n750 mode\ntarget\nin\na folder\nlink\nmode\nold\nran\nread\nwatch\n')
  })
})

describe('where the connector logs nobody in', () => {
  test.each(shells)('another shell (%s) confirms on the connection that is open, and nothing is left', async (shell) => {
    const fake = fakeConnector({ shell })
    try {
      const risky = defineOperation({
        name: 'test.risky', args: anything<{ path: string }>(), action: true, touches: ({ path }) => [touch.path(path)],
        diff: ({ path }): Change[] => [{ summary: 'risk', risk: 'access', do: [{ run: sh`echo x >${path}` }] }],
      })
      const applied = await applyTo(fake, ['one'], (folder) => [risky({ path: `${folder}/f` })])
      expect(applied.of('guard').map(({ state }) => state)).toEqual(['armed', 'asking', 'confirmed'])
      expect([applied.end.outcome, fake.connections('one'), fake.running('one')]).toEqual(['done', 1, []])
      expect(existsSync('/run/chaos') ? readdirSync('/run/chaos').filter((name) => name.includes(applied.id)) : []).toEqual([])
    } finally {
      await fake.close()
    }
  })
})
