import { revealSecret, secret } from '@chaos/core'
import { describe, expect, it } from 'vitest'
import { decryptSops, encryptSops, newIdentity, readIdentities, unlockIdentities } from '../src/index.ts'
import { OTHER_RECIPIENT, ROPS, ROPS_RECIPIENT, age, failureOf, shown } from './support.ts'

// The locked identity of sops' own tests, with the passphrase "passphrase".
const LOCKED = `-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBMN2FXZW9xSFViYjdNeW5D
dy9iSHFnIDE4Ck9zV0ZoNldmci9rL3VXd3BtZmQvK3VZWEpBQjdhZ0UrcmhqR2lF
YThFMzAKLS0tIGVEQ0xwODI1TlNYeHNHaHZKWHoyLzYwMTMvTGhaZG1oa203cSs0
VUpBL1kKsaTnt+H/z8mkL21UYKIt3YMpWSV/oYqTm1cSSUnF9InZEYU9HndK9rc8
ni+MTJCmYf4mgvvGPMf7oIQvs6ijaTdlQb+zeQsL4eif20w+CWgvPNrS6iXUIs8W
w5/fHsxwmrkG96nDkMErJKhmjmLpC+YdbiMe6P/KIpas09m08RTIqcz7ua0Xm3ey
ndU+8ILJOhcnWV55W43nTw/UUFse7f+qY61n7kcd1sGd7ZfSEdEIqS3K2vEtA3ER
fn0s3cyXVEBxL9OZqcAk45bCFVOl13Fp/DBfquHEjvAyeg0=
-----END AGE ENCRYPTED FILE-----`

describe('identities', () => {
  it('are read from files as age-keygen writes them: comments, several of them, spaces around', async () => {
    const text = `# created: x\n# public key: y\n\n  ${revealSecret(ROPS).trim()}\r\nAGE-SECRET-KEY-1NJT5YCS2LWU4V4QAJQ6R4JNU7LXPDX602DZ9NUFANVU5GDTGUWCQ5T59M6`
    expect((await readIdentities([secret(text), secret('')])).map(({ recipient }) => recipient)).toEqual([ROPS_RECIPIENT, OTHER_RECIPIENT])
  })

  it('that are locked say so, and are unlocked with their passphrase', async () => {
    expect((await failureOf(async () => readIdentities([secret(LOCKED)]))).details).toMatchObject({ locked: true })
    const wrong = await failureOf(async () => unlockIdentities(LOCKED, secret('wrong-passphrase')))
    expect([wrong.code, shown(wrong).includes('wrong-passphrase')]).toEqual(['SOPS_IDENTITY', false])
    expect(await readIdentities([await unlockIdentities(LOCKED, secret('passphrase'))])).toHaveLength(1)
  })

  it('name the line that is none, and not what stands there', async () => {
    const error = await failureOf(async () => readIdentities([secret(`# x\n${revealSecret(ROPS)}AGE-SECRET-KEY-1BROKEN\n`)]))
    expect([error.message.includes('line 3'), shown(error).includes('BROKEN')]).toEqual([true, false])
  })

  it('that are made open what is encrypted for them', async () => {
    const { identity, recipient } = await newIdentity()
    expect(revealSecret(identity)).toMatch(new RegExp(`^# created: \\d{4}-[^\\n]+Z\\n# public key: ${recipient}\\nAGE-SECRET-KEY-1[0-9A-Z]{58}\\n$`))
    const text = await encryptSops('a: x\n', { file: 'a.yaml', groups: [age(recipient)] })
    expect((await decryptSops(text, { file: 'a.yaml', identities: [ROPS, identity] })).plain()).toEqual({ a: 'x' })
  })
})
