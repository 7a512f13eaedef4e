import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { isSecret, revealSecret } from '@chaos/core'
import { applyWith } from '@chaos/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import terraform from '../src/index.ts'
import { ask, makeFolder, noTerraform, watched } from './support.ts'
import type { Folder } from './support.ts'

const CONFIGURATION = `
terraform { required_version = ">= 1.4" }
resource "terraform_data" "host" {
  for_each = { web = "198.51.100.1", db = "198.51.100.2" }
  input    = { name = each.key, address = each.value }
}
output "hosts" { value = [for each in terraform_data.host : each.output.address] }
output "servers" { value = { for name, each in terraform_data.host : name => each.output.address } }
output "nested" {
  value = {
    eu = { web = [{ ssh_hostname = "198.51.100.3", ssh_port = 2301, name = "web1", tags = ["a"], rack = { row = 3 }, ssh_user = null }] }
    "example.net" = { db = { db1 = { ssh_hostname = "db1.example.net" }, "db2.example.net" = {} } }
  }
}
output "one" { value = { ssh_hostname = "198.51.100.4", ssh_user = "ana" } }
output "zone" { value = "alone.example.net" }
output "none" { value = [] }
output "count" { value = 3 }
output "ports" { value = ["127.0.0.1:2301"] }
output "here" { value = ["@local"] }
output "deeper" { value = { web = [{ name = "a" }], db = [] } }
output "nameless" { value = [{ name = "a" }, { tags = ["b"] }] }
output "asleep" { value = [{ name = "a", ssh_hostname = "" }] }
output "commands" { value = [{ name = "a", ssh_config_file = "/tmp/x" }] }
output "private" {
  value     = { web = { ssh_hostname = "198.51.100.5", ssh_password = "l0gin-secret", ssh_port = 22, api = { keys = ["t0ken-secret"] } } }
  sensitive = true
}
output "odd" {
  value     = [{ name = "odd secret" }]
  sensitive = true
}
`

let folder: Folder
const at = (argument: string, data: object = {}): ReturnType<typeof ask> => ask(argument, { terraform_directory: folder.path, ...data })
const failure = (argument: string, data: object = {}): Promise<{ code: string; message: string; hint: string }> => at(argument, data).then(
  (found) => Promise.reject(new Error(`gave ${JSON.stringify(found)}`)),
  (error: { code: string; message: string; hint: string }) => error,
)
const groups = ['@terraform']

describe.skipIf(noTerraform !== undefined)(`outputs of the real terraform${noTerraform === undefined ? '' : ` (${noTerraform})`}`, () => {
  beforeAll(() => {
    folder = makeFolder()
    folder.apply(CONFIGURATION)
  })
  afterAll(() => folder?.remove())
  afterEach(() => vi.unstubAllEnvs())

  describe('become hosts', () => {
    it('from a list of addresses', async () => {
      expect(await at('hosts')).toEqual([{ name: '198.51.100.2', groups }, { name: '198.51.100.1', groups }])
    })

    it('from a map of addresses by name', async () => {
      expect(await at('servers')).toEqual([
        { name: 'db', data: { ssh_hostname: '198.51.100.2' }, groups },
        { name: 'web', data: { ssh_hostname: '198.51.100.1' }, groups },
      ])
    })

    it('from a list of maps below a dotted path, with all their data but those that are null', async () => {
      expect(await at('nested.eu.web')).toEqual([
        { name: 'web1', data: { ssh_hostname: '198.51.100.3', ssh_port: 2301, tags: ['a'], rack: { row: 3 } }, groups },
      ])
    })

    it('from a map of maps below a key with a dot in it', async () => {
      expect(await at('nested.example.net.db')).toEqual([
        { name: 'db1', data: { ssh_hostname: 'db1.example.net' }, groups },
        { name: 'db2.example.net', data: {}, groups },
      ])
    })

    it('from one host alone, named by its address without a name', async () => {
      expect(await at('one')).toEqual([{ name: '198.51.100.4', data: { ssh_hostname: '198.51.100.4', ssh_user: 'ana' }, groups }])
      expect(await at('zone')).toEqual([{ name: 'alone.example.net', groups }])
    })

    it('by the path that pyinfra takes', async () => {
      expect(await at('nested.value.eu.web')).toEqual(await at('nested.eu.web'))
      expect(await at('servers.value')).toEqual(await at('servers'))
    })

    it('from the output "hosts" when none is named', async () => {
      expect(await at('')).toEqual([{ name: '@terraform/hosts' }])
    })

    it('not at all from an empty list, which is reported', async () => {
      const context = watched()
      expect(await ask('none', { terraform_directory: folder.path }, context)).toEqual([])
      expect(context.reports).toEqual([{ key: 'terraform', value: 'none', text: `The output none of ${folder.path} names no hosts.` }])
    })

    it('by one call of the program for all of a run', async () => {
      const context = watched()
      const data = { terraform_directory: folder.path }
      await Promise.all([ask('servers', data, context), ask('zone', data, context), ask('one', { terraform_directory: `${folder.path}/` }, context)])
      expect(context.calls).toEqual(['terraform output -json -no-color'])
    })
  })

  describe('are refused', () => {
    it('when there is none of that name, with those there are', async () => {
      expect(await failure('severs')).toMatchObject({
        code: 'TERRAFORM_OUTPUT',
        message: `There is no output "severs" in ${folder.path}.`,
        hint: expect.stringMatching(/^Did you mean "servers"\? The outputs are: asleep, commands, .*, zone\.$/),
      })
      expect(await failure('nested.eu.wbe')).toMatchObject({ code: 'TERRAFORM_OUTPUT', message: `The output nested.eu of ${folder.path} has no "wbe".`, hint: 'Did you mean "web"? It has: web.' })
      expect(await failure('zone.a')).toMatchObject({ code: 'TERRAFORM_OUTPUT', message: expect.stringContaining('zone of'), hint: 'Write @terraform/zone.' })
    })

    it.each([
      ['count', 'The output count is a number, not hosts.', 'Taken are a list'],
      ['ports', '"127.0.0.1:2301", not the name or address of a host.', 'A port is data'],
      ['here', '"@local", not the name or address of a host.', 'Names are letters'],
      ['deeper', 'The output deeper is a map whose "db" is a list, not a host.', 'It holds lists: @terraform/deeper.db, @terraform/deeper.web.'],
      ['nameless', 'The output nameless[1] has neither name nor ssh_hostname.', 'Taken are'],
      ['asleep', 'The ssh_hostname of the output asleep[0] is empty.', 'Has the machine an address yet?'],
      ['commands', 'The output commands[0] names an ssh_config_file', 'Write ssh_config_file in the fleet'],
    ])('when they are no hosts (%s)', async (argument, message, hint) => {
      expect(await failure(argument)).toMatchObject({ code: 'TERRAFORM_SHAPE', message: expect.stringContaining(message), hint: expect.stringContaining(hint) })
    })

    it('when they are sensitive, because the names of hosts are shown', async () => {
      const error = await failure('private')
      expect(error).toMatchObject({ code: 'TERRAFORM_SENSITIVE', message: `The output private of ${folder.path} is sensitive, and the names of hosts are shown.` })
      expect(inspect(error, { depth: 9 }) + JSON.stringify(error)).not.toMatch(/l0gin|t0ken|198\.51/)
    })
  })

  describe('that are sensitive', () => {
    it('become secrets in all that is no name, when names may be shown', async () => {
      const hosts = await at('private', { terraform_show_names: true })
      expect(JSON.stringify(hosts)).toBe('[{"name":"web","data":{"api":{"keys":["***"]},"ssh_hostname":"198.51.100.5","ssh_password":"***","ssh_port":22},"groups":["@terraform"]}]')
      expect(inspect(hosts, { depth: 9, showHidden: true })).not.toContain('secret')
      const { ssh_password: password } = hosts[0]!.data!
      expect(isSecret(password) && revealSecret(password)).toBe('l0gin-secret')
    })

    it('are in no error', async () => {
      const errors = [await failure('odd', { terraform_show_names: true }), await failure('private.web.api.kyes', { terraform_show_names: true })]
      expect(errors.map(({ message }) => message)).toEqual([
        'The name of the output odd[0] is something else, not the name or address of a host.',
        `The output private.web.api of ${folder.path} has no "kyes".`,
      ])
      expect(inspect(errors, { depth: 9 }) + JSON.stringify(errors)).not.toContain('secret')
    })
  })

  describe('of a workspace', () => {
    beforeAll(() => {
      folder.terraform('workspace', 'new', 'staging')
      folder.terraform('apply', '-auto-approve', '-input=false')
      folder.terraform('workspace', 'new', 'fresh')
      folder.terraform('workspace', 'select', 'default')
    })

    it('are read without selecting it', async () => {
      const context = watched()
      const found = await ask('zone', { terraform_directory: folder.path, terraform_workspace: 'staging' }, context)
      expect(found).toEqual([{ name: 'alone.example.net', groups }])
      expect(context.calls).toEqual(['terraform workspace list -no-color', 'TF_WORKSPACE=staging terraform output -json -no-color'])
      expect(readFileSync(`${folder.path}/.terraform/environment`, 'utf8')).toBe('default')
    })

    it('are those of another when TF_WORKSPACE says so', async () => {
      vi.stubEnv('TF_WORKSPACE', 'fresh')
      expect(await failure('zone')).toMatchObject({ code: 'TERRAFORM_STATE' })
      expect(await at('zone', { terraform_workspace: 'staging' })).toHaveLength(1)
    })

    it('that is empty are an error that says apply', async () => {
      expect(await failure('zone', { terraform_workspace: 'fresh' })).toMatchObject({
        code: 'TERRAFORM_STATE',
        message: `The state of ${folder.path}, workspace fresh, holds no outputs.`,
        hint: expect.stringContaining('terraform apply'),
      })
    })

    it('that is not there are an error, and it is not begun', async () => {
      expect(await failure('zone', { terraform_workspace: 'stagin' })).toMatchObject({
        code: 'TERRAFORM_WORKSPACE',
        message: `There is no workspace "stagin" in ${folder.path}.`,
        hint: expect.stringMatching(/^Did you mean "staging"\? There are: default, fresh, staging\./),
      })
      expect(readdirSync(`${folder.path}/terraform.tfstate.d`)).toEqual(['fresh', 'staging'])
    })
  })

  describe('that cannot be read', () => {
    let other: Folder
    beforeAll(() => void (other = makeFolder()))
    afterAll(() => other?.remove())
    const failed = (): Promise<unknown> => ask('zone', { terraform_directory: other.path }).catch((error: unknown) => error)

    it('are told from a folder that is not there, is no folder, or holds nothing of Terraform', async () => {
      expect(await failed()).toMatchObject({ code: 'TERRAFORM_DIRECTORY', message: `The folder ${other.path} holds nothing of Terraform or OpenTofu.` })
      expect(await failure('zone', { terraform_directory: '/nowhere/at/all' })).toMatchObject({ code: 'TERRAFORM_DIRECTORY', message: expect.stringContaining('is not there') })
      expect(await failure('zone', { terraform_directory: `${folder.path}/main.tf` })).toMatchObject({ code: 'TERRAFORM_DIRECTORY', message: expect.stringContaining('is no folder') })
    })

    it('are told with what the program said when it fails', async () => {
      other.apply('output "zone" { value = "a" }')
      writeFileSync(`${other.path}/main.tf`, 'terraform {\n  backend "http" { address = "http://127.0.0.1:9/state" }\n}\n')
      expect(await failed()).toMatchObject({
        code: 'TERRAFORM_FAILED',
        message: expect.stringMatching(/^terraform output -json -no-color failed in .* with code 1: Backend initialization required, please run "terraform init"\.$/),
        details: { stderr: expect.stringContaining('Reason: ') },
      })
    })

    it('end a run before it begins', async () => {
      const run = applyWith({
        hosts: [{ name: '@terraform/severs', data: { terraform_directory: folder.path } }],
        roles: {},
        load: async (_, name) => ({ terraform })[name],
      })
      await expect(run).rejects.toMatchObject({ code: 'TERRAFORM_OUTPUT' })
    })
  })
})
