import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ChaosError, defineProvider, nearest, secret } from '@chaos/core'

/** Where systemd puts the credentials of a service: a folder in memory that nobody else can read. */
function folderOf() {
  const folder = process.env.CREDENTIALS_DIRECTORY
  if (folder) return folder
  throw new ChaosError('SYSTEMD_NO_CREDENTIALS', {
    message: 'chaos was not started by systemd with credentials.',
    hint: 'Give its service LoadCredentialEncrypted=NAME:FILE, or try: systemd-run -P --wait -p LoadCredential=NAME:FILE chaos apply',
  })
}

export default defineProvider({
  about: 'Credentials that systemd hands to the service of chaos.',

  async read(name) {
    const folder = folderOf()
    const names = await readdir(folder)
    // Of those that are there, so that no reference leads out of the folder.
    if (names.includes(name)) return secret((await readFile(join(folder, name), 'utf8')).replace(/\n$/, ''))
    const [meant] = nearest(name, names)
    throw new ChaosError('SYSTEMD_CREDENTIAL_MISSING', {
      message: `systemd handed over no credential ${name}.`,
      hint: meant ? `Did you mean ${meant}?` : 'Name it in the service: LoadCredentialEncrypted=NAME:FILE',
    })
  },

  async status() {
    if (!process.env.CREDENTIALS_DIRECTORY) return { ready: false, text: 'chaos was not started by systemd with credentials.' }
    return { ready: true, text: `systemd handed over ${(await readdir(folderOf())).length} credentials.` }
  },
})
