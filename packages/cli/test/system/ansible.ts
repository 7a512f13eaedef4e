import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { HostReference } from '@chaos/core'

/** What ansible-playbook counts for a host. */
export interface Recap {
  readonly ok: number
  readonly changed: number
  readonly failures: number
  readonly unreachable: number
}

export type Task = Readonly<Record<string, unknown>>

const PROGRAM = '/usr/bin/ansible-playbook'

/** Why Ansible cannot be asked here; undefined if it can. */
export function noAnsible(): string | undefined {
  return existsSync(PROGRAM) ? undefined : 'needs ansible-playbook of Debian'
}

/** Runs tasks of Ansible on a host that is reached over SSH, with pipelining and a connection that is kept: its fastest way. */
export async function playbook(host: HostReference, tasks: readonly Task[]): Promise<Recap & { readonly changes: readonly string[] }> {
  const { ssh_hostname: address, ssh_port: port, ssh_key: key, ssh_known_hosts_file: known } = host.data as Readonly<Record<string, string>>
  const folder = mkdtempSync(path.join(tmpdir(), 'chaos-ansible-'))
  const write = (name: string, value: unknown): string => {
    const file = path.join(folder, name)
    writeFileSync(file, JSON.stringify(value))
    return file
  }
  try {
    const login = { ansible_host: address, ansible_port: port, ansible_user: 'root', ansible_ssh_private_key_file: key, ansible_python_interpreter: '/usr/bin/python3' }
    const inventory = write('inventory.json', { all: { hosts: { twin: { ...login, ansible_ssh_common_args: `-F /dev/null -o UserKnownHostsFile=${known}` } } } })
    const play = write('play.json', [{ hosts: 'all', gather_facts: false, tasks }])
    const { PATH = '' } = process.env
    const env = { PATH, LC_ALL: 'C.UTF-8', HOME: folder, ANSIBLE_HOME: folder, ANSIBLE_STDOUT_CALLBACK: 'ansible.posix.json', ANSIBLE_PIPELINING: '1', ANSIBLE_SSH_CONTROL_PATH_DIR: folder }
    const stdout = await new Promise<string>((resolve, reject) => {
      execFile(PROGRAM, ['--inventory', inventory, play], { env, cwd: folder, maxBuffer: 1e8 }, (error, out, said) => {
        // 2 = a task failed, which is told below.
        if (error && error.code !== 2 && error.code !== 4) reject(new Error(`ansible-playbook: ${said || out}`))
        else resolve(out)
      })
    })
    const told = JSON.parse(stdout) as { stats: Record<string, Recap>; plays: { tasks: { task: { name: string }; hosts: Record<string, { changed?: boolean; failed?: boolean; msg?: string }> }[] }[] }
    const results = told.plays.flatMap((each) => each.tasks).map(({ task, hosts }) => ({ ...hosts['twin'], name: task.name }))
    const failed = results.filter((each) => each.failed === true)
    if (failed.length > 0) throw new Error(`Ansible: ${failed.map(({ name, msg }) => `${name}: ${msg}`).join('; ')}`)
    return { ...(told.stats['twin'] as Recap), changes: results.filter((each) => each.changed === true).map(({ name }) => name) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
