import { ChaosError, sh } from '@chaos/core'
import type { Change, Host } from '@chaos/core'
import type { GivenKey, LoadedKey } from './repository-schema.ts'

const ARMOR = '-----BEGIN PGP PUBLIC KEY BLOCK-----'

/** A key of the controller, and in which form it is. */
export async function localKey(key: GivenKey, host: Host): Promise<{ content: string | Uint8Array; armored: boolean }> {
  if ('text' in key) return { content: key.text.endsWith('\n') ? key.text : `${key.text}\n`, armored: true }
  const content = await host.local.read(key.src)
  const armored = Buffer.from(content.subarray(0, ARMOR.length)).toString('latin1') === ARMOR
  // The first byte of a binary key says that a packet of OpenPGP begins: a page of HTML, say, has none.
  if (armored || ((content[0] ?? 0) & 0x80) !== 0) return { content, armored }
  throw new ChaosError('REPOSITORY_KEY', { message: `${key.src} holds no OpenPGP key.`, hint: 'A key is armored (-----BEGIN PGP PUBLIC KEY BLOCK-----) or binary, as gpg --export writes it.' })
}

/** The helper of apt itself loads it, so that nothing need be installed for it, and refuses what is not the very file. */
export function loadKey(path: string, { url, sha256, armored }: LoadedKey): Change {
  const temporary = `${path}.chaos`
  const check = armored ? sh`grep -q ${`^${ARMOR}`} ${temporary}` : sh`! grep -q ${`^${ARMOR}`} ${temporary}`
  const wrong = `the key is ${armored ? 'not armored: give armored: false' : 'armored: leave out armored: false'}`
  return {
    summary: `key from ${url}`,
    after: `sha256 ${sha256}\n`,
    do: [{
      run: sh`umask 022
mkdir -p /etc/apt/keyrings
trap ${`rm -f -- ${temporary} ${temporary}.FAILED`} EXIT
/usr/lib/apt/apt-helper -o APT::Sandbox::User=root download-file ${url} ${temporary} ${`SHA256:${sha256}`} >&2 || exit
${check} || { echo ${wrong} >&2; exit 1; }
chmod 0644 ${temporary} && mv -f -- ${temporary} ${path}`,
    }],
  }
}
