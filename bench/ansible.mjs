// What a run that has nothing to do costs, beside ansible-playbook that is given the same machine: accounts, keys, sudo, packages, services, files.
// Needs root, a build, and what throw-away containers of Debian and Ansible need. Ratios count, not milliseconds.
// node bench/ansible.mjs [RUNS]      see docs/benchmarks.md
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { noDebian, startDebian } from '../packages/testkit/dist/index.js'
import { inTurn, median, program, ratio } from './measure.mjs'

const PACKAGES = fileURLToPath(new URL('../packages', import.meta.url))
const CHAOS = path.join(PACKAGES, 'cli/bin/chaos.js')
const ROLES = ['role-packages', 'role-services', 'role-users']

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDpM1oR7Lwlr1Ti5pUQbXgLwF2mUzqB0a7q3c8m0Hc2k desk'
const NAMES = ['ana', 'bob', 'eve', 'kim', 'leo']
const INSTALLED = ['cron', 'incron', 'jq', 'less', 'make']
const FILES = NAMES.map((name) => ({ path: `/etc/bench-${name}`, content: `${name}\n`, mode: '0644', owner: 'root', group: 'root' }))

const SYSTEM = {
  packages: { list: INSTALLED, update: true, cache_time: 86_400 },
  hostname: 'bench',
  groups: ['ops'],
  users: NAMES.map((name) => ({ name, shell: '/bin/bash', groups: ['ops'], keys: [KEY], sudo: true })),
  files: FILES,
  services: [{ name: 'cron' }, { name: 'incron' }],
}

const TASKS = [
  { hostname: { name: 'bench', use: 'systemd' } },
  { apt: { name: INSTALLED, update_cache: true, cache_valid_time: 86_400 } },
  { group: { name: 'ops' } },
  ...NAMES.flatMap((name) => [
    { user: { name, shell: '/bin/bash', groups: ['ops'] } },
    { authorized_key: { user: name, key: KEY } },
    { copy: { dest: `/etc/sudoers.d/chaos-${name}`, content: `${name} ALL=(ALL:ALL) ALL\n`, mode: '0440', owner: 'root', group: 'root', validate: 'visudo -cf %s' } },
  ]),
  ...FILES.map(({ path: dest, ...rest }) => ({ copy: { dest, ...rest } })),
  ...['cron', 'incron'].map((name) => ({ systemd: { name, state: 'started', enabled: true } })),
]

const runs = Number(process.argv[2] ?? 9)
const reason = noDebian()
if (reason !== undefined) throw new Error(`There can be no throw-away Debian here: ${reason}.`)

const folder = mkdtempSync(path.join(tmpdir(), 'chaos-bench-'))
// Nothing of whoever runs this: no configuration, no agent, no settings of either.
const env = { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', HOME: folder, XDG_STATE_HOME: path.join(folder, 'state'), ANSIBLE_HOME: folder, ANSIBLE_PIPELINING: '1', ANSIBLE_SSH_CONTROL_PATH_DIR: folder }
const machine = await startDebian({ systemd: true, packages: ['python3-apt', 'python3-minimal'] })
try {
  await main()
} finally {
  await machine.close()
  rmSync(folder, { recursive: true })
}

async function main() {
  const chobolo = project(machine.ssh)
  const play = playbook(machine.ssh)
  const chaos = () => program([process.execPath, CHAOS, 'apply', '-y', '--fleet', '-c', chobolo], { env, cwd: folder })
  const ansible = () => program(['ansible-playbook', '--inventory', play.inventory, play.file], { env, cwd: folder })

  await machine.run("echo 'APT::Install-Recommends \"false\";' >/etc/apt/apt.conf.d/50small")
  // Made so by one, looked at by the other; from then on there is nothing to do.
  await chaos()
  const looked = await ansible()
  if (!/ changed=0 /.test(looked)) throw new Error(`Ansible sees another machine than chaos made:\n${looked}`)
  const again = await chaos()
  if (!again.includes('already so')) throw new Error(again)

  const times = await inTurn({ chaos, ansible }, runs)
  console.log(`${cpus().length} cores, Node.js ${process.versions.node}, ${(await program(['ansible', '--version'], { env })).split('\n')[0]}, median of ${runs}`)
  console.log(`\n| what | chaos | ansible-playbook | ratio |\n| --- | --- | --- | --- |`)
  console.log(`| nothing to do, ${TASKS.length} tasks, loopback | ${ms(times.chaos)} | ${ms(times.ansible)} | ${ratio(times.chaos, times.ansible).toFixed(2)} |`)
}

function ms(times) {
  return `${median(times).toFixed(0)} ms`
}

/** A project that has the roles as its plugins. */
function project({ name, data }) {
  const modules = path.join(folder, 'node_modules/@chaos')
  mkdirSync(modules, { recursive: true })
  for (const role of ROLES) symlinkSync(path.join(PACKAGES, role), path.join(modules, role))
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: Object.fromEntries(ROLES.map((role) => [`@chaos/${role}`, '*'])) }))
  const file = path.join(folder, 'ch-obolo.yml')
  writeFileSync(file, JSON.stringify({ ...SYSTEM, fleet: { hosts: [{ [name]: data }] } }, undefined, 1))
  return file
}

function playbook({ name, data }) {
  const inventory = path.join(folder, 'inventory.json')
  const file = path.join(folder, 'play.json')
  const login = { ansible_host: data.ssh_hostname, ansible_port: data.ssh_port, ansible_user: data.ssh_user, ansible_ssh_private_key_file: data.ssh_key, ansible_python_interpreter: '/usr/bin/python3' }
  writeFileSync(inventory, JSON.stringify({ all: { hosts: { [name]: { ...login, ansible_ssh_common_args: `-F /dev/null -o UserKnownHostsFile=${data.ssh_known_hosts_file}` } } } }))
  writeFileSync(file, JSON.stringify([{ hosts: 'all', gather_facts: false, tasks: TASKS }]))
  return { inventory, file }
}
