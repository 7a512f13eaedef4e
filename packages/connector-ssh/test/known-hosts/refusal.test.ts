import { pluginContext } from '@chaos/testkit'
import { afterAll, expect, test } from 'vitest'
import { readKnownHosts, refusal } from '../../src/known-hosts/index.ts'
import { hostCalled, makeFolder, makeKey } from './files.ts'

const folder = makeFolder()
afterAll(() => folder.close())
const shown = makeKey(folder, 'shown')
const other = makeKey(folder, 'other', 'rsa')

async function refused(text: string, knownAs: string) {
  const file = folder.write('known_hosts', text)
  const verdict = (await readKnownHosts({ ...hostCalled(knownAs), knownHosts: [file] }, pluginContext())).judge(shown.blob)
  if (verdict.state === 'trusted') throw new Error('It is trusted.')
  return { file, error: refusal({ name: 'db1', knownAs }, verdict, shown.blob) }
}

test('an unknown key is told with its fingerprint and how to trust it', async () => {
  const { error } = await refused('', '[db1.example.net]:2222')
  expect(error).toMatchObject({ code: 'HOST_KEY_UNKNOWN', host: 'db1', details: { retry: false, shown: { type: 'ssh-ed25519', fingerprint: shown.fingerprint } } })
  expect(error.message).toBe(`The host key of db1 is not known.\nit shows  ssh-ed25519 ${shown.fingerprint}\nknown as  [db1.example.net]:2222, in no known_hosts file`)
  expect(error.hint).toBe('chaos trust db1 shows the key, asks, and keeps it.')
})

test('a changed key is told beside the known ones and where they stand, with the owner and ssh-keygen -R as the way out', async () => {
  const { error, file } = await refused(`#\n[db1]:2222 ${other.text}\n[db1]:2222\n`, '[db1]:2222')
  expect(error).toMatchObject({ code: 'HOST_KEY_CHANGED', details: { retry: false } })
  expect(error.message.split('\n').slice(1)).toEqual([
    `it shows  ssh-ed25519 ${shown.fingerprint}`,
    `known is  ssh-rsa ${other.fingerprint} (${file}:2)`,
    `known is  a line that cannot be read (${file}:3)`,
  ])
  expect(error.hint).toContain("machine's owner")
  expect(error.hint).toContain(`ssh-keygen -R '[db1]:2222' -f ${file}`)
  expect(error.hint).toContain('chaos trust db1')
})

test('a revoked key is told with the line that revokes it, and no way to trust it', async () => {
  const { error, file } = await refused(`@revoked * ${shown.text}\n`, 'db1')
  expect(error).toMatchObject({ code: 'HOST_KEY_REVOKED', details: { retry: false } })
  expect(error.message).toContain(`revoked   ssh-ed25519 ${shown.fingerprint} (${file}:1)`)
  expect(error.hint).not.toContain('chaos trust')
})

test('a host that an authority vouches for is told how to be reached with certificates', async () => {
  const { error, file } = await refused(`@cert-authority * ${other.text}\n`, 'db1')
  expect(error).toMatchObject({ code: 'HOST_KEY_AUTHORITY', details: { retry: false } })
  expect(error.message).toContain(`authority ssh-rsa ${other.fingerprint} (${file}:1)`)
  expect(error.hint).toContain('ssh_transport: openssh')
})
