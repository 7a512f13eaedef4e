// What a run that has nothing to do costs over SSH, beside the least that OpenSSH takes: one `ssh` with its defaults that runs the
// whole check as one script. Needs root and a build; starts a throw-away machine with real sshds. Ratios count, not milliseconds.
// node bench/ssh.mjs [RUNS]      see docs/benchmarks.md
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import local from '../packages/connector-local/dist/index.js'
import ssh from '../packages/connector-ssh/dist/index.js'
import { defineRole } from '../packages/core/dist/index.js'
import { run } from '../packages/engine/dist/index.js'
import { files } from '../packages/operations/dist/index.js'
import { noSshd, startSshd } from '../packages/testkit/dist/index.js'
import { inTurn, median, program, ratio } from './measure.mjs'
import { filesBelow, scriptFor, twentyItems } from './workload.mjs'

const HOSTS = 50
const HUNDRED = filesBelow('/srv/bench/hundred', 100)
const TWENTY = twentyItems('/srv/bench/twenty')
const CHAOS = fileURLToPath(new URL('../packages/cli/bin/chaos.js', import.meta.url))

const runs = Number(process.argv[2] ?? 15)
const reason = noSshd()
if (reason !== undefined) throw new Error(`There can be no throw-away machine here: ${reason}.`)

const folder = mkdtempSync(path.join(tmpdir(), 'chaos-bench-'))
// Nothing of whoever runs this: no configuration, no agent, no settings of Node.js.
const env = { PATH: process.env.PATH, HOME: folder, XDG_STATE_HOME: path.join(folder, 'state') }
const sshd = await startSshd()
const relays = []
// The key of the machine, under each of its ports.
const knownHosts = path.join(folder, 'known_hosts')
writeFileSync(knownHosts, `* ${readFileSync(sshd.knownHosts, 'utf8').split(' ').slice(1).join(' ')}`)
try {
  await main()
} finally {
  for (const relay of relays) relay.kill()
  await sshd.close()
  rmSync(folder, { recursive: true })
}

async function main() {
  const ports = Array.from({ length: HOSTS }, (_, index) => 20_022 + index)
  await sshd.run('mkdir -p /srv/bench/hundred /srv/bench/twenty')
  for (const port of ports) await sshd.run(`/usr/sbin/sshd -f /etc/ssh/chaos_sshd_config -o PidFile=none -o ListenAddress=127.0.0.1:${port} -p ${port}`)
  const slow = await relayed(20, [sshd.port, ...ports])

  // Made so once; from then on there is nothing to do.
  await engine(sshd.port, HUNDRED)
  await apply(chobolo('first', [sshd.port]))

  console.log(versions())
  console.log(`\n| what | chaos | ssh floor | ratio |\n| --- | --- | --- | --- |`)
  await compare('engine, 100 files, 0 ms', () => engine(sshd.port, HUNDRED), () => floor(sshd.port, HUNDRED), runs)
  await compareApply('whole `chaos apply`, 20 operations, 0 ms', [sshd.port], runs)
  await compareApply('whole `chaos apply`, 20 operations, 20 ms', [slow[0]], runs)
  await compareApply(`${HOSTS} hosts, 20 operations each, 0 ms`, ports, Math.ceil(runs / 3))
  await compareApply(`${HOSTS} hosts, 20 operations each, 20 ms`, slow.slice(1), Math.ceil(runs / 3))
  const start = await inTurn({ node: () => program([process.execPath, '-e', '0'], { env }), version: () => chaos(['--version']), help: () => chaos(['--help']) }, runs)
  console.log(`\nnode -e 0 ${ms(start.node)}, chaos --version ${ms(start.version)} (${ratio(start.version, start.node).toFixed(1)} times), --help ${ms(start.help)} (${ratio(start.help, start.node).toFixed(1)} times)`)
}

function compareApply(title, ports, count) {
  const file = chobolo(title.replaceAll(/\W+/g, '-'), ports)
  return compare(title, () => apply(file, ports.length * TWENTY.length), () => Promise.all(ports.map((port) => floor(port, TWENTY))), count)
}

async function compare(title, ours, theirs, count) {
  const times = await inTurn({ ours, theirs }, count)
  console.log(`| ${title} | ${ms(times.ours)} | ${ms(times.theirs)} | ${ratio(times.ours, times.theirs).toFixed(2)} |`)
}

function ms(times) {
  return `${median(times).toFixed(0)} ms`
}

/** One ssh with its defaults; the options only say who and where. */
async function floor(port, items) {
  const options = ['-F', '/dev/null', '-o', `UserKnownHostsFile=${knownHosts}`, '-i', sshd.key, '-p', String(port)]
  const printed = await program(['ssh', ...options, 'root@127.0.0.1', scriptFor(items)], { env })
  const lines = items.length + items.filter((item) => item.content !== undefined || item.target !== undefined).length
  if (printed.trim().split('\n').length !== lines) throw new Error(`the floor saw something else:\n${printed}`)
}

/** The engine in this process, warm: from the first connection to the last event. */
async function engine(port, items) {
  const role = defineRole(() => items.map((item) => files.put(item)))
  const { hosts: [host] } = await run({
    choboloPath: path.join(folder, 'ch-obolo.yml'), hosts: [{ name: '127.0.0.1', data: hostData(port) }], load: async (_, name) => (name === 'local' ? local : ssh), dry: false, skipConfirm: true,
    roles: [{ tag: 'bench', role, explicit: true }], slice: () => ({ desired: {}, chobolo: {} }),
  })
  if (host.state !== 'ok' && host.state !== 'changed') throw new Error(JSON.stringify(host))
}

/** Applies a Ch-obolo to its fleet; with `expected`, nothing may be left to do and as many things must be so. */
async function apply(file, expected) {
  const printed = await chaos(['apply', '-y', '--fleet', '-c', file])
  if (expected !== undefined && !printed.includes(`${expected} already so`)) throw new Error(printed)
}

function chaos(args) {
  return program([process.execPath, CHAOS, ...args], { env, cwd: folder })
}

function chobolo(name, ports) {
  const hosts = ports.map((port, index) => ({ [`host${index}`]: { ssh_hostname: '127.0.0.1', ...hostData(port) } }))
  mkdirSync(path.join(folder, name))
  const file = path.join(folder, name, 'ch-obolo.yml')
  writeFileSync(file, JSON.stringify({ files: TWENTY, fleet: { hosts } }, undefined, 1))
  return file
}

function hostData(port) {
  return { ssh_port: port, ssh_user: 'root', ssh_key: sshd.key, ssh_known_hosts_file: knownHosts, ssh_config_file: '/dev/null' }
}

async function relayed(roundTrip, ports) {
  const relay = spawn(process.execPath, [fileURLToPath(new URL('relay.mjs', import.meta.url)), '127.0.0.1', String(roundTrip), ...ports.map(String)], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  relays.push(relay)
  const [printed] = await once(relay.stdout, 'data')
  return String(printed).trim().split(' ').map(Number)
}

function versions() {
  const [cpu] = cpus()
  return `Node.js ${process.versions.node}, ${cpus().length} × ${cpu.model.trim()}, ${runs} runs of each in turn, medians; ratio = median of the pairs`
}
