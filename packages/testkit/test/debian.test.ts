import { execFileSync } from 'node:child_process'
import path from 'node:path'
import type { HostReference } from '@chaos/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { noDebian, startDebian, startDocker } from '../src/index.ts'
import { leftOf } from './left-of.ts'

const reason = noDebian()

describe.skipIf(reason !== undefined)(`a throw-away Debian${reason === undefined ? '' : ` (${reason})`}`, () => {
  test('boots systemd, starts what a package brings, is reached over SSH, and leaves nothing behind', { timeout: 600_000 }, async () => {
    const engine = await startDocker()
    onTestFinished(() => engine.close())
    const machine = await startDebian({ systemd: true, engine })
    expect(await machine.run('cat /proc/1/comm; systemctl is-system-running; hostname; ls /var/lib/apt/lists | grep -c Packages || :')).toBe(`systemd\nrunning\n${machine.name}\n0\n`)
    await machine.run('apt-get -qq update && apt-get -qq -y --no-install-recommends install cron')
    expect(await machine.run('systemctl is-active cron')).toBe('active\n')
    await machine.run('hostnamectl set-hostname other')
    expect(await machine.run('cat /etc/hostname')).toBe('other\n')
    const { ssh_port: port, ssh_key: key, ssh_known_hosts_file: known } = (machine.ssh as HostReference).data as Record<string, unknown>
    const options = ['-F', '/dev/null', '-o', `UserKnownHostsFile=${String(known)}`, '-o', 'BatchMode=yes', '-i', String(key), '-p', String(port)]
    expect(execFileSync('ssh', [...options, 'root@127.0.0.1', 'hostname'], { encoding: 'utf8' })).toBe('other\n')
    await machine.close()
    await expect(machine.run('true')).rejects.toThrow('No such container')
    await engine.close()
    expect(leftOf(path.dirname(engine.socket))).toEqual([])
  })

  test('comes without systemd too, with packages, and two that stand side by side share nothing but the engine', { timeout: 600_000 }, async () => {
    const [one, other] = await Promise.all([startDebian({ packages: ['openrc'] }), startDebian({ packages: ['openrc'] })])
    onTestFinished(async () => void (await Promise.all([one.close(), other.close()])))
    await one.run('touch /srv/mine')
    expect(await one.run('ls /srv; command -v rc-service; command -v systemctl || echo none')).toBe('mine\n/usr/sbin/rc-service\nnone\n')
    expect(await other.run('ls /srv')).toBe('')
    expect(one.host).toEqual({ name: `@docker/${one.name}`, data: { docker_socket: one.engine.socket } })
    expect(one.ssh).toBeUndefined()
  })
})
