import { setTimeout as sleep } from 'node:timers/promises'
import { noSshd, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { secret, sh } from '@chaos/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { appears, applyOver, hostData, logins, made, ran } from './over-ssh.ts'

const missing = noSshd()

describe.skipIf(missing !== undefined)(`a connection that breaks over SSH${missing === undefined ? '' : ` (${missing})`}`, { timeout: 240_000 }, () => {
  let sshd: Sshd
  beforeEach(async () => {
    sshd = await startSshd({ network: true })
  })
  afterEach(() => sshd.close())

  /** Signs of life each second, three may be missed: a dead link is seen after about four seconds. */
  const QUICK = { ssh_keepalive: 1, ssh_connect_retries: 20, ssh_connect_timeout: 20 }
  // A change is under way until the connection is cut, however long that takes.
  const waiting = sh`while [ ! -e /tmp/go ]; do sleep 0.05; done`
  const go = (): Promise<string> => sshd.run('touch /tmp/go')
  const down = async (): Promise<void> => {
    await sshd.link('down')
    await go()
  }
  const lock = (): Promise<string> => sshd.run('cat /run/lock/chaos/owner 2>/dev/null || echo none')

  it('a link that goes down in mid-change: what the host did unseen, also what stood behind, is seen to be done and runs once', async () => {
    const cut = appears(sshd, '/tmp/a.ran').then(down)
    const applied = await applyOver(hostData(sshd, QUICK), [made({ name: 'a', how: sh`${waiting}; echo done > /tmp/a` }), made({ name: 'b' })], {
      told: (event) => {
        if (event.type === 'warning' && event.code === 'CONNECTION_LOST') void appears(sshd, '/tmp/b').then(() => sshd.link('up'))
      },
    })
    await cut
    expect(applied.hosts[0]).toMatchObject({ state: 'changed', operations: { changed: 2 } })
    expect(applied.of('warning').map(({ code }) => code)).toEqual(['CONNECTION_LOST', 'OUTCOME_OBSERVED', 'OUTCOME_OBSERVED'])
    expect(await ran(sshd, 'a', 'b')).toEqual([1, 1])
    expect([logins(sshd), await lock()]).toEqual([2, 'none\n'])
  })

  it('a change that is half done when the link is back is waited for, and then told as it is', async () => {
    const cut = appears(sshd, '/tmp/a').then(() => sshd.link('down'))
    // It ends when the shell of the lost connection has ended: then the host was told to begin nothing more.
    const how = sh`cut -d' ' -f4 /proc/$PPID/stat > /tmp/shell; echo half > /tmp/a; while [ ! -e /tmp/go ]; do sleep 0.05; done`
    const applied = await applyOver(hostData(sshd, QUICK), [made({ name: 'a', how }), made({ name: 'b' })], {
      told: (event) => {
        if (event.type !== 'warning' || event.code !== 'CONNECTION_LOST') return
        void sshd.link('up')
        void sshd.run('while kill -0 "$(cat /tmp/shell)" 2>/dev/null; do sleep 0.05; done; touch /tmp/go')
      },
    })
    await cut
    expect(applied.hosts[0]).toMatchObject({ state: 'unknown', operations: { unknown: 1, skipped: 1 }, error: { code: 'OUTCOME_UNKNOWN' } })
    expect(applied.hosts[0]?.error?.details).toMatchObject({ difference: [{ summary: 'mend', before: { text: 'half\n' } }] })
    expect(await ran(sshd, 'a', 'b')).toEqual([1, 0])
    expect(await lock()).toBe('none\n')
  })

  it('a change that was still under way when the link went down never runs behind our back', async () => {
    const applied = await applyOver(hostData(sshd, QUICK), [made({ name: 'a', how: sh`sleep 0.5; echo done > /tmp/a` }), made({ name: 'b' })], {
      skipConfirm: false,
      confirm: async () => {
        await sshd.link('down')
        return true
      },
      told: (event) => {
        if (event.type === 'warning' && event.code === 'CONNECTION_LOST') void sshd.link('up')
      },
    })
    // What waits in the kernel for the link is delivered to the old connection, and then that ends too.
    while ((await sshd.connections()) > 0) await sleep(100)
    const state = applied.hosts[0]?.state
    expect(['changed', 'unknown']).toContain(state)
    expect(await ran(sshd, 'a', 'b')).toEqual(state === 'changed' ? [1, 1] : [0, 0])
    expect([await sshd.run('ls /tmp/b 2>/dev/null || echo none'), await lock()]).toEqual([state === 'changed' ? '/tmp/b\n' : 'none\n', 'none\n'])
  })

  it('a link that is down for a moment is not lost: the run goes on, on the same connection', async () => {
    const cut = (async () => {
      await appears(sshd, '/tmp/a.ran')
      await down()
      await appears(sshd, '/tmp/a')
      await sshd.link('up')
    })()
    const applied = await applyOver(hostData(sshd, { ssh_keepalive: 15 }), [made({ name: 'a', how: sh`${waiting}; echo done > /tmp/a` }), made({ name: 'b' })])
    await cut
    expect(applied.hosts[0]).toMatchObject({ state: 'changed', operations: { changed: 2 } })
    expect(applied.of('warning')).toEqual([])
    expect([await ran(sshd, 'a', 'b'), logins(sshd)]).toEqual([[1, 1], 1])
  })

  it('a link that stays down: unknown, with all that had left, and the lock is said to be left', async () => {
    const cut = appears(sshd, '/tmp/a.ran').then(down)
    const applied = await applyOver(hostData(sshd, { ...QUICK, ssh_connect_retries: 0, ssh_connect_timeout: 10 }), [made({ name: 'a', how: sh`${waiting}; echo done > /tmp/a` }), made({ name: 'b' })])
    await cut
    expect(applied.hosts[0]).toMatchObject({ state: 'unknown', operations: { unknown: 2 }, error: { code: 'OUTCOME_UNKNOWN', message: expect.stringContaining('could not be looked at again') } })
    expect(applied.of('warning').at(-1)).toMatchObject({ code: 'LOCK_LEFT', hint: expect.stringContaining(`chaos unlock ${applied.id}`) })
    await sshd.link('up')
    expect(await lock()).toContain(`run ${applied.id}`)
    // The next run is told who holds it, and changes nothing.
    const next = await applyOver(hostData(sshd), [made({ name: 'c' })])
    expect(next.hosts[0]?.error).toMatchObject({ code: 'LOCKED', hint: expect.stringContaining(`chaos unlock ${applied.id}`) })
    expect(await ran(sshd, 'c')).toEqual([0])
  })

  it.each(['ssh2', 'openssh'])('an sshd that is killed with its connections in mid-change, and started again (%s)', async (ssh_transport) => {
    const killed = appears(sshd, '/tmp/a.ran').then(async () => {
      await sshd.stop({ connections: true })
      await go()
      await sshd.start()
    })
    const applied = await applyOver(hostData(sshd, { ...QUICK, ssh_transport }), [made({ name: 'a', how: sh`${waiting}; echo done > /tmp/a` }), made({ name: 'b' }), made({ name: 'c' })])
    await killed
    expect(applied.hosts[0]).toMatchObject({ state: 'changed', operations: { changed: 3 } })
    expect(await ran(sshd, 'a', 'b', 'c')).toEqual([1, 1, 1])
    expect([logins(sshd), await lock()]).toEqual([2, 'none\n'])
  })

  for (const [how, cut] of [
    ['a link that goes down', async () => sshd.link('down')],
    ['an sshd that is killed', async () => sshd.stop({ connections: true })],
  ] as const) {
    it(`${how} under a change that runs through sudo with a password, which is asked for once`, async () => {
      let asked = 0
      await sshd.run("useradd -m -s /bin/bash ana; echo ana:right | chpasswd; echo 'Defaults use_pty\nana ALL=(ALL) ALL' >/etc/sudoers")
      const done = appears(sshd, '/tmp/a.ran').then(cut).then(go)
      const data = hostData(sshd, { ...QUICK, ssh_user: 'ana', sudo: true })
      const applied = await applyOver(data, [made({ name: 'a', how: sh`${waiting}; id -un > /tmp/who; echo done > /tmp/a` }), made({ name: 'b' })], {
        password: async () => {
          asked++
          return secret('right')
        },
        told: (event) => {
          if (event.type === 'warning' && event.code === 'CONNECTION_LOST') void (how.includes('link') ? sshd.link('up') : sshd.start())
        },
      })
      await done
      expect(applied.hosts[0]).toMatchObject({ state: 'changed', operations: { changed: 2 } })
      expect([await ran(sshd, 'a', 'b'), await sshd.run('cat /tmp/who'), await lock()]).toEqual([[1, 1], 'root\n', 'none\n'])
      expect(asked).toBe(1)
    })
  }

  it.each(['first', 'second'])('the %s Ctrl-C: what runs there comes to its end, or is ended with all it started', async (which) => {
    const stop = new AbortController()
    const kill = new AbortController()
    // Of the shell: that it waits for its next line, and that it has read one since.
    const shell = 'read shell </tmp/shell; sleeps() { grep ^voluntary_ctxt /proc/$shell/status; }'
    const interrupted = appears(sshd, '/tmp/begun').then(async () => {
      await sshd.run(`${shell}; until grep -q '^State:.S' /proc/$shell/status; do sleep 0.05; done; sleeps >/tmp/sleeps`)
      stop.abort()
      if (which === 'second') kill.abort()
      else await sshd.run(`${shell}; while [ "$(sleeps)" = "$(cat /tmp/sleeps)" ]; do sleep 0.05; done; touch /tmp/go`)
    })
    const how = sh`cut -d' ' -f4 /proc/$PPID/stat > /tmp/shell; touch /tmp/begun; ${which === 'second' ? sh`sleep 300 & wait` : waiting}; echo done > /tmp/a`
    const applied = await applyOver(hostData(sshd), [made({ name: 'a', how }), made({ name: 'b' })], { signal: stop.signal, kill: kill.signal })
    await interrupted
    expect(applied.end.outcome).toBe('interrupted')
    expect(applied.of('operation.end').map(({ state }) => state)).toEqual([which === 'second' ? 'failed' : 'changed', 'skipped'])
    expect([await ran(sshd, 'a', 'b'), await lock(), await sshd.run('ps ax | grep -c "[s]leep 300" || :')]).toEqual([[1, 0], 'none\n', '0\n'])
  })

  it('a host that is started anew in mid-change is said to be, and what it was doing is unknown', async () => {
    const rebooted = appears(sshd, '/tmp/a.ran').then(() => reboot(sshd))
    const applied = await applyOver(hostData(sshd, QUICK), [made({ name: 'a', how: sh`sleep 300` }), made({ name: 'b' })])
    await rebooted
    expect(applied.hosts[0]).toMatchObject({ state: 'unknown', operations: { unknown: 1, skipped: 1 }, error: { code: 'OUTCOME_UNKNOWN', message: expect.stringContaining('started anew') } })
    expect(applied.of('warning').map(({ code }) => code)).toEqual(['CONNECTION_LOST', 'HOST_REBOOTED'])
    expect(await ran(sshd, 'a', 'b')).toEqual([1, 0])
    // The lock of the boot before is nobody's.
    expect((await applyOver(hostData(sshd), [made({ name: 'b' })])).hosts[0]).toMatchObject({ state: 'changed' })
  })

  it('another host key after the cut: refused, nothing is sent, the outcome is unknown', async () => {
    const changed = appears(sshd, '/tmp/a.ran').then(async () => {
      await sshd.changeHostKeys()
      await sshd.stop({ connections: true })
      await sshd.start()
    })
    const applied = await applyOver(hostData(sshd, QUICK), [made({ name: 'a', how: sh`sleep 300; echo done > /tmp/a` }), made({ name: 'b' })])
    await changed
    expect(applied.hosts[0]).toMatchObject({ state: 'unknown', operations: { unknown: 2 }, error: { code: 'OUTCOME_UNKNOWN', details: { cause: 'HOST_KEY_CHANGED' } } })
    expect(applied.hosts[0]?.error?.hint).toContain('ssh-keygen -R')
    expect([logins(sshd), await ran(sshd, 'b')]).toEqual([1, [0]])
  })
})

/** All processes end, what is in memory alone is gone, and the kernel says that it is another boot. */
async function reboot(sshd: Sshd): Promise<void> {
  await sshd.stop({ connections: true })
  await sshd.run(`for folder in /proc/[0-9]*; do
  pid=\${folder#/proc/}
  { read -r line <"$folder/stat"; } 2>/dev/null || continue
  set -- \${line##*) }
  # The first process of the machine and what it waits for.
  [ "$pid" = 1 ] || [ "$2" = 1 ] && [ "$(cat "$folder/comm")" = cat ] || [ "$pid" = $$ ] || kill -9 "$pid"
done 2>/dev/null
rm -rf /run/lock/chaos
echo 01234567-89ab-4cde-8f01-23456789abcd >/boot-id
mount --bind /boot-id /proc/sys/kernel/random/boot_id`)
  await sshd.start()
}
