import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Sshd, SshdOptions } from './contract.ts'
import { freePort } from './free-port.ts'
import { ADDRESS, output } from './layer.ts'
import type { Layer } from './layer.ts'
import { startMachineLayer } from './machine.ts'
import { PATH, find } from './missing.ts'
import { AUTHORIZED_KEYS, PID_FILE, sshdConfig } from './sshd-config.ts'

type KeyType = 'ed25519' | 'ecdsa' | 'rsa'

const CONFIG = '/etc/ssh/chaos_sshd_config'
// By what they are, not by name alone: a session's process is called sshd-session from 9.8 on.
const END_CONNECTIONS = `for folder in /proc/[0-9]*
do
  read -r name 2>/dev/null <"$folder/comm" || continue
  case $name in sshd*) kill -9 "\${folder#/proc/}" 2>/dev/null ;; esac
done
:`

/** Starts a throw-away machine with a real sshd. Check `noSshd` first. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const layer = await startMachineLayer(options)
  try {
    return await sshdIn(layer, options)
  } catch (error) {
    await layer.close()
    throw error
  }
}

async function sshdIn(layer: Layer, options: SshdOptions): Promise<Sshd> {
  const address = options.network === true ? ADDRESS.machine : '127.0.0.1'
  const port = options.network === true ? 22 : await freePort()
  const types = options.hostKeys ?? ['ed25519']
  const key = path.join(layer.folder, 'key')
  const logFile = path.join(layer.folder, 'sshd.log')
  const knownHosts = path.join(layer.folder, 'known_hosts')
  let publicKeys: ReadonlyMap<KeyType, string> = await makeHostKeys(layer, types)
  const name = port === 22 ? address : `[${address}]:${port}`
  writeFileSync(knownHosts, [...publicKeys.values()].map((text) => `${name} ${text}\n`).join(''))
  writeFileSync(logFile, '')
  await makeKey(key, 'ed25519', 'every user')
  await layer.run(`cat >${AUTHORIZED_KEYS}`, { input: readFileSync(`${key}.pub`, 'utf8') })
  const hostKeys = types.map((type) => `/etc/ssh/chaos_host_${type}`)
  const config = sshdConfig({ address, port, hostKeys, rootPassword: options.rootPassword !== undefined, config: options.config ?? '' })
  await layer.run(`cat >${CONFIG}`, { input: config })

  let listening: ChildProcess | undefined
  const sshd: Sshd = {
    run: (script) => layer.run(script),
    enter: layer.enter,
    close: () => layer.close(),
    host: address,
    port,
    key,
    knownHosts,
    client: layer.client,
    log: () => readFileSync(logFile, 'utf8'),
    hostKey(type = types[0] ?? 'ed25519') {
      const text = publicKeys.get(type)
      if (text === undefined) throw new Error(`this sshd has no ${type} key`)
      return text
    },
    async start() {
      if (listening !== undefined) return
      listening = await listen(layer, logFile)
    },
    async stop({ connections = false } = {}) {
      if (listening !== undefined) {
        const ended = listening.exitCode === null ? once(listening, 'exit') : undefined
        // It writes its number a moment after it has said that it listens.
        await layer.run(`i=0; until [ -s ${PID_FILE} ] || [ $i -ge 1000 ]; do sleep 0.02; i=$((i + 1)); done; kill "$(cat ${PID_FILE})"`)
        await ended
        listening = undefined
      }
      if (connections) await layer.run(END_CONNECTIONS)
    },
    async changeHostKeys() {
      publicKeys = await makeHostKeys(layer, types)
      // It reads its keys when it starts.
      if (listening === undefined) return
      await sshd.stop()
      await sshd.start()
    },
    async connections() {
      return established(layer.init, port)
    },
    async link(state) {
      if (options.network !== true) throw new Error('only a machine with a network of its own has a link')
      // Its end, so that the client sees what it sees of a machine that is unplugged: silence.
      await layer.run(`ip link set eth0 ${state}`)
    },
  }
  await sshd.start()
  return sshd
}

async function listen(layer: Layer, logFile: string): Promise<ChildProcess> {
  const before = readFileSync(logFile, 'utf8').length
  const log = openSync(logFile, 'a')
  const [program = '', ...enter] = layer.enter
  // sshd must be called by its whole path. `-e`: it logs where it is read, also from its children.
  const args = [...enter, find('sshd') ?? '/usr/sbin/sshd', '-D', '-e', '-f', CONFIG]
  const child = spawn(program, args, { stdio: ['ignore', log, log], env: { PATH, LANG: 'C.UTF-8' }, detached: true })
  closeSync(log)
  child.unref()
  await once(child, 'spawn')
  for (;;) {
    const said = readFileSync(logFile, 'utf8').slice(before)
    if (said.includes('Server listening on')) return child
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`sshd did not start: ${said.trim()}`)
    await wait(2)
  }
}

async function makeHostKeys(layer: Layer, types: readonly KeyType[]): Promise<Map<KeyType, string>> {
  const folder = path.join(layer.folder, 'host-keys')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { mode: 0o700 })
  const keys = new Map<KeyType, string>()
  for (const type of types) {
    const file = path.join(folder, type)
    await makeKey(file, type, 'machine')
    keys.set(type, readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' '))
    await layer.run(`umask 077; cat >/etc/ssh/chaos_host_${type}`, { input: readFileSync(file, 'utf8') })
  }
  return keys
}

async function makeKey(file: string, type: KeyType, comment: string): Promise<void> {
  await output([find('ssh-keygen') ?? 'ssh-keygen', '-q', '-t', type, ...(type === 'rsa' ? ['-b', '2048'] : []), '-N', '', '-C', comment, '-f', file])
}

// As the kernel of the machine's network sees it: local address and port in hexadecimal, 01 = established.
function established(init: number, port: number): number {
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const rows = readFileSync(`/proc/${init}/net/tcp`, 'utf8').split('\n').map((line) => line.trim().split(/\s+/))
  return rows.filter(([, local, , state]) => local?.endsWith(end) === true && state === '01').length
}
