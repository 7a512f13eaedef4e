import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { noSshd, startMachine, startSshd } from '../src/index.ts'
import type { Machine, Sshd, SshdOptions } from '../src/index.ts'

const reason = noSshd()
const started: Machine[] = []
const run = promisify(execFile)

// A program that has a machine, and is killed.
const sources = fileURLToPath(new URL('../src/targets/sshd.ts', import.meta.url))
const KILLED = `
import { createRequire } from 'node:module'
import path from 'node:path'
const vitest = createRequire(process.argv[1]).resolve('vitest/package.json')
const { runnerImport } = await import(createRequire(vitest).resolve('vite'))
const { startSshd } = (await runnerImport(process.argv[1])).module
const sshd = await startSshd({ network: true })
console.log(JSON.stringify({ init: sshd.enter[2], folder: path.dirname(sshd.key) }))
setInterval(() => {}, 1000)`

afterEach(() => Promise.all(started.splice(0).map((machine) => machine.close())))

async function sshd(options: SshdOptions = {}): Promise<Sshd> {
  const machine = await startSshd(options)
  started.push(machine)
  return machine
}

// The real client, that nothing of this account's configuration reaches.
function ssh(machine: Sshd, user: string, script: string, knownHosts = machine.knownHosts): readonly [string, string[]] {
  const options = ['BatchMode=yes', 'IdentitiesOnly=yes', 'ConnectTimeout=60', `UserKnownHostsFile=${knownHosts}`, 'GlobalKnownHostsFile=/dev/null']
  const args = ['-F', '/dev/null', '-i', machine.key, '-p', String(machine.port), ...options.flatMap((option) => ['-o', option])]
  const [nsenter, ...inside] = machine.client
  const all = [...args, `${user}@${machine.host}`, script]
  return nsenter === undefined ? ['ssh', all] : [nsenter, [...inside, 'ssh', ...all]]
}

const said = async (machine: Sshd, user: string, script: string): Promise<string> => (await run(...ssh(machine, user, script))).stdout

describe.skipIf(reason !== undefined)(`throw-away machines${reason === undefined ? '' : ` (${reason})`}`, { timeout: 240_000 }, () => {
  test('what is done inside is not seen outside', async () => {
    const machine = await startMachine()
    started.push(machine)
    await machine.run('echo here >/etc/chaos-inside; mkdir -p /var/lib/chaos; echo here >/var/lib/chaos/inside; echo here >/root/chaos-inside')
    expect(await machine.run('cat /etc/chaos-inside /var/lib/chaos/inside /root/chaos-inside')).toBe('here\nhere\nhere\n')
    expect(['/etc/chaos-inside', '/var/lib/chaos/inside', '/root/chaos-inside'].filter((file) => existsSync(file))).toEqual([])
  })

  test('it has its own processes, name, folders and terminals', async () => {
    const machine = await startMachine()
    started.push(machine)
    expect(await machine.run('hostname; cat /proc/1/comm; ls -A /tmp /home; ls -ld /dev/ptmx | cut -c1; head -c 2 /dev/zero | wc -c')).toMatch(
      /^machine\nsh\n\/home:\n\n\/tmp:\nl\n2\n$/,
    )
  })

  test('processes whose parents are gone leave no zombies', async () => {
    const machine = await startMachine()
    started.push(machine)
    const left = `(sh -c 'exec 3>/tmp/ended; echo $$ >/tmp/orphan' &); read -r nothing </tmp/ended; cat /tmp/orphan`
    const orphan = (await machine.run(`mkfifo /tmp/ended; ${left} || cat /tmp/orphan`)).trim()
    expect(orphan).toMatch(/^\d+$/)
    // Process 1 takes it in, some time after its last words.
    await vi.waitFor(async () => expect(await machine.run(`ls /proc | grep -cx ${orphan} || :`)).toBe('0\n'), 20_000)
  })

  test('a script that fails says what it said', async () => {
    const machine = await startMachine()
    started.push(machine)
    await expect(machine.run('echo wrong >&2; exit 3')).rejects.toThrow(/ended with 3: wrong$/)
  })

  test('users have their shells, files and passwords', async () => {
    const machine = await startMachine({
      users: { ada: { shell: '/bin/bash', password: 'canary-1', files: { '.bashrc': 'echo hello\n', '.config/deep/x': 'y' } }, bob: {} },
      rootPassword: 'canary-2',
    })
    started.push(machine)
    expect(await machine.run('getent passwd ada bob | cut -d: -f1,6,7')).toBe('ada:/home/ada:/bin/bash\nbob:/home/bob:/bin/sh\n')
    expect(await machine.run('cat /home/ada/.bashrc /home/ada/.config/deep/x; stat -c %U /home/ada/.config/deep/x')).toBe('echo hello\nyada\n')
    const hashes = (await machine.run(`getent shadow root ada bob | cut -d: -f2`)).trim().split('\n')
    expect(hashes).toEqual([expect.stringMatching(/^\$.{20}/), expect.stringMatching(/^\$.{20}/), '*'])
    const become = (name: string, password: string) => machine.run(`printf '%s\\n' '${password}' | setpriv --reuid bob --regid bob --clear-groups su ${name} -c 'id -un'`)
    expect(await become('ada', 'canary-1')).toContain('ada')
    expect(await become('root', 'canary-2')).toContain('root')
    await expect(become('ada', 'canary-2')).rejects.toThrow(/Authentication failure/)
  })

  test('sudo and doas obey what was asked for', async () => {
    const machine = await startMachine({ users: { ada: {}, bob: {} }, sudoers: 'ada ALL=(ALL) NOPASSWD: ALL\n', doas: 'permit nopass bob as root\n' })
    started.push(machine)
    const as = (user: string, command: string) => machine.run(`setpriv --reuid ${user} --regid ${user} --clear-groups ${command}`)
    expect(await as('ada', 'sudo -n id -un')).toBe('root\n')
    expect(await as('bob', 'doas -n id -un')).toBe('root\n')
    await expect(as('bob', 'sudo -n id -un')).rejects.toThrow(/password is required/)
    await expect(as('ada', 'doas -n id -un')).rejects.toThrow(/not permitted/)
    expect(await machine.run('cat /var/log/sudo.log')).toContain('COMMAND=/usr/bin/id')
  })

  test('everyone logs in with the key, by the real ssh', async () => {
    const machine = await sshd({ users: { ada: { shell: '/bin/bash' } } })
    expect(await said(machine, 'ada', 'id -un; echo "$SHELL"')).toBe('ada\n/bin/bash\n')
    expect(await said(machine, 'root', 'id -un')).toBe('root\n')
    expect(machine.log()).toContain('Accepted publickey for ada')
  })

  test('lines of the configuration come first, and Match and Subsystem are no trouble', async () => {
    const config = 'PermitRootLogin no\nSubsystem sftp /bin/false\nMatch User ada\n  ForceCommand echo forced'
    const machine = await sshd({ users: { ada: {}, bob: {} }, config })
    expect(await said(machine, 'ada', 'echo asked')).toBe('forced\n')
    expect(await said(machine, 'bob', 'echo asked')).toBe('asked\n')
    await expect(said(machine, 'root', 'true')).rejects.toThrow(/Permission denied/)
  })

  test('a line that sshd does not know is an error with what sshd says', async () => {
    await expect(startSshd({ config: 'NoSuchThing yes' })).rejects.toThrow(/sshd did not start: .*NoSuchThing/s)
  })

  test('the keys of each type are known, and others are noticed', async () => {
    const machine = await sshd({ hostKeys: ['ecdsa', 'ed25519'] })
    expect(machine.hostKey()).toMatch(/^ecdsa-sha2-nistp256 /)
    expect(machine.hostKey('ed25519')).toMatch(/^ssh-ed25519 /)
    expect(() => machine.hostKey('rsa')).toThrow('this sshd has no rsa key')
    const before = machine.hostKey()
    await machine.changeHostKeys()
    expect(machine.hostKey()).not.toBe(before)
    expect(readFileSync(machine.knownHosts, 'utf8')).toContain(before)
    await expect(said(machine, 'root', 'true')).rejects.toThrow(/IDENTIFICATION HAS CHANGED/)
  })

  test('connections are counted, stay when sshd stops, and end when asked', async () => {
    const machine = await sshd()
    expect(await machine.connections()).toBe(0)
    const [program, args] = ssh(machine, 'root', 'echo in; cat')
    const client = spawn(program, args)
    const ended = once(client, 'exit')
    await once(client.stdout, 'data')
    expect(await machine.connections()).toBe(1)
    await machine.stop()
    await expect(said(machine, 'root', 'true')).rejects.toThrow(/Connection refused/)
    client.stdin.write('still\n')
    expect(String((await once(client.stdout, 'data'))[0])).toBe('still\n')
    await machine.stop({ connections: true })
    expect((await ended)[0]).toBe(255)
    expect(await machine.connections()).toBe(0)
    await machine.start()
    expect(await said(machine, 'root', 'echo back')).toBe('back\n')
  })

  test('machines with a network are reached from their other end, side by side, and their links can be cut', async () => {
    const [one, two] = await Promise.all([sshd({ network: true }), sshd({ network: true })])
    await Promise.all([one.run('echo one >/etc/which'), two.run('echo two >/etc/which')])
    expect(await Promise.all([said(one, 'root', 'cat /etc/which'), said(two, 'root', 'cat /etc/which')])).toEqual(['one\n', 'two\n'])
    expect([one.host, one.port]).toEqual(['198.51.100.2', 22])
    const [program, args] = ssh(one, 'root', 'echo in; cat')
    const client = spawn(program, args)
    await once(client.stdout, 'data')
    await one.link('down')
    client.stdin.write('later\n')
    await expect(said(one, 'root', 'true')).rejects.toThrow(/timed out|No route to host/)
    expect(await said(two, 'root', 'cat /etc/which')).toBe('two\n')
    const later = once(client.stdout, 'data')
    await one.link('up')
    // What was sent into the gap arrives.
    expect(String((await later)[0])).toBe('later\n')
    client.kill()
  })

  test('everything is gone after close: processes, folder, mounts, addresses', async () => {
    const machine = await startSshd({ network: true })
    const folder = path.dirname(machine.key)
    const init = machine.enter[2] ?? ''
    const [program, args] = ssh(machine, 'root', 'echo in; exec sleep 1000')
    const client = spawn(program, args)
    await once(client.stdout, 'data')
    await machine.close()
    client.kill()
    expect(existsSync(folder)).toBe(false)
    expect(existsSync(`/proc/${init}`)).toBe(false)
    expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(folder)
    await machine.close()
  })

  test('a test that is killed takes its machine with it', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', KILLED, sources], { stdio: ['ignore', 'pipe', 'inherit'], timeout: 120_000 })
    const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), 'line'), once(child, 'exit')])) as [string]
    const { init, folder } = JSON.parse(line) as { init: string; folder: string }
    expect(existsSync(`/proc/${init}`)).toBe(true)
    child.kill('SIGKILL')
    await vi.waitFor(() => expect([existsSync(`/proc/${init}`), existsSync(folder)]).toEqual([false, false]), 20_000)
  })
})
