import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { applyWith, pluginContext } from '@chaos/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import vagrant from '../src/index.ts'
import { ask } from './ask.ts'
import { NO_ENVIRONMENT, STATUS, record, sshConfig } from './recorded.ts'
import type { Recorded } from './recorded.ts'

let project: Recorded

beforeEach(() => {
  project = record()
  project.ssh('web', sshConfig('web'))
  project.ssh('mail', sshConfig('mail', { port: 2200 }))
  vi.stubEnv('PATH', project.PATH)
})
afterEach(() => {
  vi.unstubAllEnvs()
  project.remove()
})

const at = (argument: string, context = pluginContext()): ReturnType<typeof ask> => ask(argument, { vagrant_directory: project.root }, context)
const failure = (argument: string): Promise<Error> => at(argument).then(
  (found) => Promise.reject(new Error(`gave ${JSON.stringify(found)}`)),
  (error: Error) => error,
)
const web = {
  name: 'web',
  data: {
    ssh_hostname: '127.0.0.1',
    ssh_port: 2222,
    ssh_user: 'root',
    ssh_key: '/tmp/vg/id',
    ssh_strict_host_key_checking: 'accept-new',
    ssh_known_hosts_file: expect.stringMatching(/\/\.vagrant\/machines\/web\/docker\/chaos_known_hosts$/),
  },
  groups: ['@vagrant'],
}

describe('a machine', () => {
  it('is a host over SSH as Vagrant says it is reached', async () => {
    expect(await at('web')).toEqual([web])
  })

  it('of a project is found from a folder below it, or where VAGRANT_CWD is', async () => {
    const below = join(project.root, 'a/b')
    mkdirSync(below, { recursive: true })
    expect(await ask('web', { vagrant_directory: below })).toEqual([web])
    vi.stubEnv('VAGRANT_CWD', below)
    expect(await ask('web', {})).toEqual([web])
  })

  it('is reached by the rules of other hosts where Vagrant checks its key, or keeps nothing of it', async () => {
    const rest = { ssh_hostname: '127.0.0.1', ssh_port: 2222, ssh_user: 'root', ssh_key: '/tmp/vg/id' }
    rmSync(join(project.root, '.vagrant'), { recursive: true })
    expect((await at('web'))[0]!.data).toEqual(rest)
    mkdirSync(join(project.root, '.vagrant/machines/web/docker'), { recursive: true })
    project.ssh('web', sshConfig('web').replace(/.*(?:UserKnownHostsFile|StrictHostKeyChecking).*\n/g, ''))
    expect((await at('web'))[0]!.data).toEqual(rest)
  })

  it('is reached with all else that Vagrant says: forwarding, an agent, a file, a key with blanks in its path', async () => {
    const said = sshConfig('web', { key: '"/a b/id"' }, '  ForwardAgent yes\n').replace('  IdentitiesOnly yes\n', '').replace('Host web\n', 'Host web\n  Include /my own/config\n')
    project.ssh('web', said)
    expect((await at('web'))[0]!.data).toMatchObject({ ssh_forward_agent: true, ssh_allow_agent: true, ssh_config_file: '/my own/config', ssh_key: '/a b/id' })
  })

  it('is reached by the first of several keys', async () => {
    project.ssh('web', sshConfig('web', { key: '/one\n\n  IdentityFile /two' }))
    expect((await at('web'))[0]!.data).toMatchObject({ ssh_key: '/one', ssh_user: 'root' })
  })

  it('has the data and groups of @vagrant.json, which win over what Vagrant says', async () => {
    writeFileSync(join(project.root, '@vagrant.json'), JSON.stringify({ data: { web: { ssh_user: 'ana', rack: 3 } }, groups: { web: ['front'], db: ['back'] } }))
    expect(await at('web')).toEqual([{ ...web, data: { ...web.data, ssh_user: 'ana', rack: 3 }, groups: ['@vagrant', 'front'] }])
  })

  it('that is not running is an error that says vagrant up', async () => {
    expect(await failure('db')).toMatchObject({ code: 'VAGRANT_STOPPED', message: `The machine db of ${project.root} is not running: it is stopped.`, hint: 'Start it: vagrant up db', host: '@vagrant/db' })
    expect(await failure('cache')).toMatchObject({ code: 'VAGRANT_STOPPED', hint: 'Start it: vagrant up cache' })
    expect(project.calls()).toEqual(['status --machine-readable', 'status --machine-readable'])
  })

  it('that is not in the Vagrantfile is an error that names those that are', async () => {
    expect(await failure('mial')).toMatchObject({
      code: 'VAGRANT_MACHINE',
      message: `The Vagrantfile in ${project.root} has no machine "mial".`,
      hint: 'Did you mean "mail"? It has: web, db, mail, cache.',
    })
  })

  it('without SSH is an error of its own, and hides no other', async () => {
    rmSync(join(project.root, 'recorded/ssh/web'))
    expect(await failure('web')).toMatchObject({ code: 'VAGRANT_SSH', message: expect.stringContaining('reach web by SSH: The provider for this Vagrant-managed machine') })
    expect(await at('mail')).toMatchObject([{ name: 'mail', data: { ssh_port: 2200 } }])
  })

  it('behind a ProxyCommand is an error that says how it is reached', async () => {
    project.ssh('web', sshConfig('web', {}, '  ProxyCommand nc -x proxy %h %p\n'))
    expect(await failure('web')).toMatchObject({ code: 'VAGRANT_SSH', hint: expect.stringContaining('ssh_config_file: vagrant-ssh.conf') })
  })
})

describe('all machines', () => {
  it('are those that run, each also by its name here; the others are reported', async () => {
    const context = pluginContext()
    expect(await at('', context)).toEqual([{ name: '@vagrant/web' }, { name: '@vagrant/mail' }])
    expect(context.reports.map(({ text }) => text)).toEqual(['The machine db is left out: it is stopped.', 'The machine cache is left out: it is not_created.'])
  })

  it('are those with SSH; the others are reported', async () => {
    rmSync(join(project.root, 'recorded/ssh/web'))
    const context = pluginContext()
    expect(await at('', context)).toEqual([{ name: '@vagrant/mail' }])
    expect(context.reports).toContainEqual({ key: 'vagrant', value: 'web', text: 'The machine web is left out: Vagrant cannot tell how to reach it by SSH.' })
    rmSync(join(project.root, 'recorded/ssh/mail'))
    expect(await failure('')).toMatchObject({ code: 'VAGRANT_SSH' })
  })

  it('are asked for by one status and one ssh-config in a run', async () => {
    const run = applyWith({
      hosts: [{ name: '@vagrant', data: { vagrant_directory: project.root } }],
      roles: {},
      load: async (_, name) => {
        if (name === 'vagrant') return vagrant
        throw new Error(`no connector ${name}`)
      },
    })
    await expect(run).rejects.toThrow('no connector ssh')
    expect(project.calls()).toEqual(['status --machine-readable', 'ssh-config --no-color web mail'])
  })

  it('are an error when none is running', async () => {
    project.status(STATUS.replaceAll(',state,running', ',state,poweroff'))
    expect(await failure('')).toMatchObject({
      code: 'VAGRANT_STOPPED',
      message: `No machine of ${project.root} is running: web is poweroff, db is stopped, mail is poweroff, cache is not_created.`,
      hint: 'Start them: vagrant up',
    })
  })
})

describe('what keeps machines from being named', () => {
  it('is a folder without a Vagrantfile', async () => {
    rmSync(join(project.root, 'Vagrantfile'))
    expect(await failure('web')).toMatchObject({ code: 'VAGRANT_DIRECTORY', message: `There is no Vagrantfile in ${project.root}, nor above it.` })
    await expect(ask('web', { vagrant_directory: '/nowhere/at/all' })).rejects.toMatchObject({ code: 'VAGRANT_DIRECTORY' })
  })

  it('is what vagrant complains of', async () => {
    project.status(NO_ENVIRONMENT, 1)
    expect(await failure('web')).toMatchObject({
      code: 'VAGRANT_FAILED',
      message: expect.stringContaining('with code 1: A Vagrant environment or target machine is required to run this command. Run `vagrant init` to create a new Vagrant environment. Or, get'),
    })
  })

  it('is that there is no vagrant', async () => {
    vi.stubEnv('PATH', '/nowhere')
    const run = applyWith({ hosts: [{ name: '@vagrant', data: { vagrant_directory: project.root } }], roles: {}, load: async (_, name) => ({ vagrant })[name] })
    await expect(run).rejects.toMatchObject({ code: 'VAGRANT_MISSING' })
  })

  it('is a name that is more than a name', async () => {
    project.status('1,@local,provider-name,docker\n1,@local,state,running\n')
    expect(await failure('')).toMatchObject({ code: 'VAGRANT_FAILED', message: expect.stringContaining('"@local"') })
  })

  it.each([
    ['{"data":\n {"web": {"ssh_password": "s3cret"}', 'is no JSON'],
    ['{"data": {"web": "s3cret"}}', 'is wrong: data.web: '],
    ['{"hosts": {}}', 'Unrecognized key: "hosts"'],
    ['{"groups": {"wbe": ["a"]}}', 'names the machine "wbe", which the Vagrantfile does not; did you mean "web"?'],
  ])('is a wrong @vagrant.json, of which nothing secret is shown: %s', async (text, why) => {
    writeFileSync(join(project.root, '@vagrant.json'), text)
    const error = await failure('web')
    expect(error).toMatchObject({ code: 'VAGRANT_JSON', message: expect.stringContaining(why) })
    expect(inspect(error, { depth: 9 })).not.toContain('s3cret')
  })
})
