import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { applyWith } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import local from '../../connector-local/src/index.ts'
import ssh from '../../connector-ssh/src/index.ts'
import roleFiles from '../../role-files/src/index.ts'
import vagrant from '../src/index.ts'
import { ask } from './ask.ts'
import { noVagrant, startEngine } from './engine.ts'
import type { Engine } from './engine.ts'

const reason = noVagrant()
// Vagrant takes its time.
const PATIENCE = 180_000

let engine: Engine
let root: string

describe.skipIf(reason !== undefined)(`the real Vagrant and its docker provider${reason === undefined ? '' : ` (${reason})`}`, { timeout: PATIENCE }, () => {
  beforeAll(async () => {
    engine = await startEngine()
    root = join(engine.folder, 'project')
    mkdirSync(root)
    writeFileSync(join(root, 'Vagrantfile'), `Vagrant.configure("2") do |config|
  config.vm.synced_folder ".", "/vagrant", disabled: true
  config.vm.guest = :linux
  config.vm.allow_fstab_modification = false
  config.ssh.username = "root"
  config.ssh.shell = "sh"
  config.ssh.private_key_path = "${engine.key}"
  config.ssh.insert_key = false
  %w[web db].each do |name|
    config.vm.define name do |machine|
      machine.vm.provider(:docker) { |docker| docker.image = "sshd"; docker.has_ssh = true; docker.remains_running = true }
    end
  end
end
`)
    vi.stubEnv('DOCKER_HOST', engine.address)
    vi.stubEnv('VAGRANT_HOME', join(engine.folder, 'home'))
    vi.stubEnv('VAGRANT_DEFAULT_PROVIDER', 'docker')
    vi.stubEnv('VAGRANT_CHECKPOINT_DISABLE', '1')
    await engine.inside(['vagrant', 'up', 'web'], root)
  }, PATIENCE)
  afterAll(async () => {
    vi.unstubAllEnvs()
    await engine?.close()
  }, PATIENCE)

  it('names the machines that run, applies to them, and a host key goes with its machine', async () => {
    // Only the port is another one than Vagrant says: the engine's network is not this machine's.
    const ssh_port = await engine.relay(2222)
    const applied = await applyWith({
      hosts: [{ name: '@vagrant', data: { vagrant_directory: root, ssh_port, ssh_config_file: '/dev/null' } }],
      roles: { files: roleFiles },
      desired: { files: [{ path: '/root/it', content: 'by vagrant\n' }] },
      load: async (_, name) => ({ vagrant, ssh, local })[name],
    })
    expect(applied.errors).toEqual([])
    expect(applied.hosts).toMatchObject([{ host: 'web', state: 'changed' }])
    expect(applied.events.filter(({ type }) => type === 'report')).toMatchObject([{ value: 'db', text: 'The machine db is left out: it is not_created.' }])
    expect(await engine.docker('exec', await engine.docker('ps', '--quiet'), 'cat', '/root/it')).toBe('by vagrant')
    const known = join(root, '.vagrant/machines/web/docker/chaos_known_hosts')
    expect(existsSync(known)).toBe(true)

    await engine.inside(['vagrant', 'destroy', '--force', 'web'], root)
    expect(existsSync(known)).toBe(false)
    await expect(ask('web', { vagrant_directory: root })).rejects.toMatchObject({ code: 'VAGRANT_STOPPED', hint: 'Start it: vagrant up web' })
  })
})
