import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'

/** A gnome-keyring with a bus, a home and keyrings of its own. */
export async function secretService() {
  const folder = mkdtempSync(path.join(tmpdir(), 'chaos-keyring-'))
  const file = (name: string) => path.join(folder, name)
  for (const name of ['home', 'run']) mkdirSync(file(name), { mode: 0o700 })
  mkdirSync(file('run/dbus-1/services'), { recursive: true })
  // Who is asked when it is locked: nobody, or where the file `silent` is, somebody who does not answer.
  writeFileSync(file('prompter'), `#!/bin/sh\nwhile [ -e ${file('silent')} ]; do sleep 0.2; done\nexit 1\n`, { mode: 0o700 })
  writeFileSync(file('run/dbus-1/services/org.gnome.keyring.SystemPrompter.service'), `[D-BUS Service]\nName=org.gnome.keyring.SystemPrompter\nExec=${file('prompter')}\n`)
  const own = { HOME: file('home'), XDG_DATA_HOME: file('home/.local/share'), XDG_RUNTIME_DIR: file('run'), DISPLAY: '', WAYLAND_DISPLAY: '' }
  const bus = spawn('dbus-daemon', ['--session', '--nofork', '--nosyslog', '--print-address=1', `--address=unix:path=${file('bus')}`], { env: { ...process.env, ...own }, stdio: ['ignore', 'pipe', 'ignore'] })
  const [address] = (await once(createInterface(bus.stdout), 'line')) as [string]
  const env = { ...own, DBUS_SESSION_BUS_ADDRESS: address }
  // It comes back when its service is there, and ends with the bus.
  spawnSync('gnome-keyring-daemon', ['--unlock', '--components=secrets'], { input: 'of a few words', env: { ...process.env, ...env }, stdio: ['pipe', 'ignore', 'ignore'] })
  return {
    env,
    lock: () => void spawnSync('secret-tool', ['lock'], { env: { ...process.env, ...env } }),
    /** From now on whoever is asked does not answer. */
    beSilent: () => writeFileSync(file('silent'), ''),
    async remove() {
      // Ends who does not answer.
      rmSync(file('silent'), { force: true })
      bus.kill()
      await once(bus, 'exit')
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
