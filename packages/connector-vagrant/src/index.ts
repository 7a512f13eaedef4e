import type { HostReference } from '@chaos/core'
import { ChaosError, defineConnector, nearest } from '@chaos/core'
import { readNotes } from './notes.ts'
import { findProject, knownHostsOf } from './project.ts'
import { data } from './schema.ts'
import { readSshConfigs } from './ssh-config.ts'
import { sshData } from './ssh-data.ts'
import { isRunning, readStatus } from './status.ts'
import type { Machine } from './status.ts'

/** `@vagrant/NAME`: a machine of a Vagrantfile, over SSH; `@vagrant`: all that are running. */
export default defineConnector({
  about: 'Machines of Vagrant, each over SSH: @vagrant/NAME, or @vagrant for all that are running.',
  data,
  async *hosts(argument, { data: given, run, cache, report }): AsyncGenerator<HostReference> {
    const context = { run, cache }
    const project = await findProject(given)
    const machines = await readStatus(project, context)
    const notes = await readNotes(project, machines.map(({ name }) => name), context)
    const running = machines.filter(isRunning)
    const named = argument === '' ? undefined : find(argument, machines, project.root)
    if (running.length === 0) throw noneRunning(machines, project.root)
    const configs = await readSshConfigs(running.map(({ name }) => name), project, context)

    if (named === undefined) {
      const [first] = running as [Machine]
      if (running.every(({ name }) => typeof configs.get(name) === 'string')) throw unreachable(first.name, configs.get(first.name) as string)
      for (const { name, state } of machines) {
        const config = configs.get(name)
        // The host is then also found by the name it has here.
        if (typeof config === 'object') yield { name: `@vagrant/${name}` }
        else report({ key: 'vagrant', value: name, text: config === undefined ? `The machine ${name} is left out: it is ${state}.` : `The machine ${name} is left out: Vagrant cannot tell how to reach it by SSH.` })
      }
      return
    }
    const { name, provider } = named
    const config = configs.get(name)
    if (typeof config !== 'object') throw unreachable(name, config ?? '')
    yield {
      name,
      data: { ...sshData(config, name, await knownHostsOf(name, provider, project)), ...notes.data.get(name) },
      groups: ['@vagrant', ...(notes.groups.get(name) ?? [])],
    }
  },
})

function find(name: string, machines: readonly Machine[], root: string): Machine {
  const host = `@vagrant/${name}`
  const found = machines.find((each) => each.name === name)
  if (found === undefined) {
    const names = machines.map((each) => each.name)
    const [near] = nearest(name, names)
    throw new ChaosError('VAGRANT_MACHINE', {
      message: `The Vagrantfile in ${root} has no machine "${name}".`,
      hint: `${near === undefined ? '' : `Did you mean "${near}"? `}It has: ${names.join(', ')}.`,
      host,
      details: { names },
    })
  }
  if (isRunning(found)) return found
  throw new ChaosError('VAGRANT_STOPPED', {
    message: `The machine ${name} of ${root} is not running: it is ${found.state}.`,
    hint: `Start it: vagrant up ${name}`,
    host,
    details: { state: found.state },
  })
}

function noneRunning(machines: readonly Machine[], root: string): ChaosError {
  return new ChaosError('VAGRANT_STOPPED', {
    message: `No machine of ${root} is running: ${machines.map(({ name, state }) => `${name} is ${state}`).join(', ') || 'it has none'}.`,
    hint: 'Start them: vagrant up',
    host: '@vagrant',
  })
}

function unreachable(name: string, why: string): ChaosError {
  return new ChaosError('VAGRANT_SSH', {
    message: `Vagrant cannot tell how to reach ${name} by SSH: ${why}`,
    hint: `Try: vagrant ssh ${name}`,
    host: `@vagrant/${name}`,
  })
}
