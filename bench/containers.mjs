// What a run that has nothing to do costs in containers, beside the least that their engine takes: one bare `docker exec` or `podman exec`
// that runs the whole check as one script; and what 20 of them at once cost beside one, with chaos and bare. Needs root and a build; starts a Docker engine and
// a throw-away machine with podman and sshd. Ratios count, not milliseconds.
// node bench/containers.mjs [RUNS]      see docs/benchmarks.md
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { cpus, tmpdir } from 'node:os'
import path from 'node:path'
import docker from '../packages/connector-docker/dist/index.js'
import dockerssh from '../packages/connector-dockerssh/dist/index.js'
import local from '../packages/connector-local/dist/index.js'
import podman from '../packages/connector-podman/dist/index.js'
import podmanssh from '../packages/connector-podmanssh/dist/index.js'
import ssh from '../packages/connector-ssh/dist/index.js'
import { defineConnector, defineRole, sh } from '../packages/core/dist/index.js'
import { run } from '../packages/engine/dist/index.js'
import { files } from '../packages/operations/dist/index.js'
import { installPodman, noDocker, noPodman, startDocker, startSshd } from '../packages/testkit/dist/index.js'
import { inTurn, median, program, ratio } from './measure.mjs'
import { filesBelow, scriptFor } from './workload.mjs'

const MANY = Array.from({ length: 20 }, (_, index) => `many${index}`)
const HUNDRED = filesBelow('/srv/bench/hundred', 100)
const TWENTY = filesBelow('/srv/bench/twenty', 20)

const runs = Number(process.argv[2] ?? 7)
const reason = noDocker() ?? noPodman()
if (reason !== undefined) throw new Error(`There can be no containers here: ${reason}.`)

const folder = mkdtempSync(path.join(tmpdir(), 'chaos-bench-'))
const closing = [() => rmSync(folder, { recursive: true })]
try {
  await main()
} finally {
  for (const close of closing.toReversed()) await close()
}

async function main() {
  const engine = await startDocker()
  closing.push(() => engine.close())
  const machine = await startSshd()
  closing.push(() => machine.close())
  const installed = await installPodman(machine)
  closing.push(() => installed.close())
  const root = `/proc/${machine.enter[machine.enter.indexOf('--target') + 1]}/root`
  await passOn(`${root}/run/docker.sock`, engine.socket)

  for (const [made, of] of [[engine, engine.docker], [installed, installed.podman]]) {
    await made.image('busybox')
    for (const name of MANY) await of('run', '--detach', '--name', name, '--network', 'none', 'busybox', 'sleep', '100000')
    for (const name of MANY) await of('exec', name, 'mkdir', '-p', '/srv/bench/hundred', '/srv/bench/twenty')
  }

  const login = { ssh_hostname: machine.host, ssh_port: machine.port, ssh_user: 'root', ssh_key: machine.key, ssh_known_hosts_file: machine.knownHosts, ssh_config_file: '/dev/null' }
  const onMachine = defineConnector({ open: () => entered(machine, root) })
  const ways = {
    docker: { prefix: '@docker/', data: { docker_socket: engine.socket }, connectors: { docker, local }, exec: ['docker', '--host', `unix://${engine.socket}`, 'exec'] },
    podman: { prefix: '@podman/', data: {}, connectors: { podman, local: onMachine }, exec: [...machine.enter, 'podman', 'exec'] },
    'docker behind one ssh': { prefix: '@dockerssh/far:', data: login, connectors: { docker, dockerssh, ssh, local } },
    'podman behind one ssh': { prefix: '@podmanssh/far:', data: login, connectors: { podman, podmanssh, ssh, local } },
  }
  // Made so once; from then on there is nothing to do.
  for (const way of [ways.docker, ways.podman]) {
    await apply(way, ['many0'], HUNDRED, 'changed')
    await apply(way, MANY, TWENTY, 'changed')
  }

  const handshakes = () => machine.log().split('Accepted publickey').length - 1
  const settled = () => tidied(machine)
  console.log(`Node.js ${process.versions.node}, ${cpus().length} × ${cpus()[0].model.trim()}, ${runs} runs of each in turn, medians; ratio = median of the pairs`)

  console.log('\n| nothing to do, 100 files | chaos | bare exec | ratio |\n| --- | --- | --- | --- |')
  for (const name of ['docker', 'podman']) {
    const { ours, theirs } = await inTurn({ ours: () => apply(ways[name], ['many0'], HUNDRED, 'ok'), theirs: () => bare(ways[name], ['many0'], HUNDRED) }, runs * 2, settled)
    console.log(`| ${name} | ${ms(ours)} | ${ms(theirs)} | ${times(ours, theirs)} |`)
  }

  console.log('\n| the whole command, nothing to do, 20 files each | 1 | 20 at once | ratio |\n| --- | --- | --- | --- |')
  for (const name of ['docker', 'docker behind one ssh', 'podman behind one ssh']) {
    const way = ways[name]
    const took = await inTurn({ one: () => command(way, ['many0']), many: () => command(way, MANY) }, runs, settled)
    console.log(`| ${name} | ${ms(took.one)} | ${ms(took.many)} | ${times(took.many, took.one)} |`)
  }

  console.log('\n| nothing to do, 20 files each | 1 | 20 at once | ratio | ssh handshakes of the 20 | 20 bare execs, ratio to 1 |\n| --- | --- | --- | --- | --- | --- |')
  for (const [name, way] of Object.entries(ways)) {
    let last = 0
    const many = async () => {
      const before = handshakes()
      await apply(way, MANY, TWENTY, 'ok')
      last = handshakes() - before
    }
    const floor = way.exec ? { oneBare: () => bare(way, ['many0'], TWENTY), manyBare: () => bare(way, MANY, TWENTY) } : {}
    const took = await inTurn({ one: () => apply(way, ['many0'], TWENTY, 'ok'), many, ...floor }, runs, settled)
    console.log(`| ${name} | ${ms(took.one)} | ${ms(took.many)} | ${times(took.many, took.one)} | ${last || ''} | ${way.exec ? times(took.manyBare, took.oneBare) : ''} |`)
  }
}

/** The program of the engine, for each of these at once. */
function bare({ exec }, names, items) {
  return Promise.all(names.map((name) => program([...exec, name, 'sh', '-c', scriptFor(items)], { env: process.env })))
}

/** The engine of chaos in this process, warm: from the first connection to the last event. */
async function apply({ prefix, data, connectors }, names, items, state) {
  const role = defineRole(() => items.map((item) => files.put(item)))
  const { hosts } = await run({
    choboloPath: path.join(folder, 'ch-obolo.yml'), hosts: names.map((name) => ({ name: `${prefix}${name}`, data })), load: async (_, name) => connectors[name], dry: false, skipConfirm: true,
    roles: [{ tag: 'bench', role, explicit: true }], slice: () => ({ desired: {}, chobolo: {} }),
  })
  const other = hosts.find((host) => host.state !== state)
  if (other) throw new Error(JSON.stringify(other))
}

/** `chaos apply`, from a project that has the connectors, as a user starts it. */
async function command({ prefix, data }, names) {
  const modules = path.join(folder, 'node_modules/@chaos')
  if (!existsSync(modules)) {
    mkdirSync(modules, { recursive: true })
    const plugins = ['connector-docker', 'connector-dockerssh', 'connector-podman', 'connector-podmanssh']
    for (const each of plugins) symlinkSync(path.join(import.meta.dirname, '../packages', each), path.join(modules, each))
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ dependencies: Object.fromEntries(plugins.map((each) => [`@chaos/${each}`, '*'])) }))
  }
  const chobolo = { files: TWENTY, fleet: { hosts: names.map((name) => ({ [`${prefix}${name}`]: data })) } }
  writeFileSync(path.join(folder, 'ch-obolo.yml'), JSON.stringify(chobolo))
  const { status, text } = await new Promise((resolve) => {
    const child = spawn(process.execPath, [path.join(import.meta.dirname, '../packages/cli/bin/chaos.js'), 'apply', '--fleet', '--yes'], { cwd: folder, env: { ...process.env, HOME: folder, XDG_STATE_HOME: folder }, stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (text += bytes))
    child.on('close', (code) => resolve({ status: code, text }))
  })
  if (status !== 0 || !/nothing to do/i.test(text)) throw new Error(text)
}

/** The throw-away machine as if chaos ran on it. */
async function entered({ enter }, root) {
  const here = await local.open({ host: '@local', argument: '', data: {}, below: [] }, {})
  return {
    ...here,
    spawn: (command, options) => here.spawn(sh`exec ${[...enter]} sh -c ${command.text}`, options),
    dial: (to) => here.dial('path' in to ? { path: `${root}${to.path}` } : to),
  }
}

/** The engine's socket, seen on the machine. What passes here costs one and twenty alike. */
async function passOn(seen, socket) {
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ path: socket, allowHalfOpen: true })
    for (const each of [near, far]) each.on('error', () => [near, far].forEach((one) => one.destroy()))
    near.pipe(far).pipe(near)
  })
  await once(server.listen(seen), 'listening')
  closing.push(() => server.close())
}

/** What podman does after a run, in the background, is not the next run's. */
function tidied({ run: inside }) {
  return inside("while pgrep -f 'podman .*container [c]leanup' >/dev/null; do sleep 0.05; done")
}

function ms(took) {
  return `${median(took).toFixed(0)} ms`
}

function times(one, other) {
  return ratio(one, other).toFixed(2)
}
