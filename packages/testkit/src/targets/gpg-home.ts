import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Answers what the file `answer` says, as the window would that asks for a passphrase; without it, that nobody wanted to answer. */
const PINENTRY = `#!/bin/sh
echo OK
while read -r word rest; do
  case $word in
    GETPIN) if [ -f "\${0%/*}/answer" ]; then echo "D $(cat "\${0%/*}/answer")"; echo OK; else echo 'ERR 83886179 Operation cancelled'; fi ;;
    BYE) echo OK; exit ;;
    *) echo OK ;;
  esac
done
`

export interface GpgHome {
  readonly folder: string
  /** For GNUPGHOME. */
  readonly home: string
  /** Makes a key without a passphrase, or with one. */
  addKey(user: string, passphrase?: string): void
  /** Forgets the secret half of a key. */
  loseKey(user: string): void
  /** Forgets what unlocked the keys. */
  lock(): void
  /** What the next question for a passphrase is answered with. */
  answer(passphrase: string): void
  /** Ends its agent too. */
  remove(): void
}

/** Keys of gpg of their own, and no question in a window. Its path is short, because gpg's agent makes its sockets there. */
export function gpgHome(): GpgHome {
  const folder = mkdtempSync(path.join(tmpdir(), 'chaos-gpg-'))
  const home = path.join(folder, 'gnupg')
  mkdirSync(home, { mode: 0o700 })
  writeFileSync(path.join(folder, 'pinentry'), PINENTRY, { mode: 0o700 })
  writeFileSync(path.join(home, 'gpg-agent.conf'), `pinentry-program ${folder}/pinentry\n`)
  const env = { ...process.env, GNUPGHOME: home, HOME: folder }
  const gpg = (...args: string[]) => spawnSync('gpg', ['--batch', '--quiet', ...args], { encoding: 'utf8', env })
  // gpg waits for its agent for five seconds and no longer; one that is there need not be waited for.
  for (let tries = 0; tries < 10 && spawnSync('gpgconf', ['--launch', 'gpg-agent'], { env }).status; tries++);
  return {
    folder,
    home,
    addKey(user: string, passphrase = '') {
      const { status, stderr } = gpg('--pinentry-mode', 'loopback', '--passphrase', passphrase, '--quick-gen-key', user, 'future-default', 'default', 'never')
      if (status !== 0) throw new Error(`There is no key for ${user}: ${stderr}`)
    },
    loseKey(user: string) {
      const print = /^fpr:+([0-9A-F]{40}):/m.exec(gpg('--list-keys', '--with-colons', user).stdout)?.[1] ?? ''
      gpg('--yes', '--delete-secret-keys', print)
    },
    lock: () => void spawnSync('gpgconf', ['--reload', 'gpg-agent'], { env }),
    answer: (passphrase: string) => writeFileSync(path.join(folder, 'answer'), passphrase),
    remove() {
      spawnSync('gpgconf', ['--kill', 'all'], { env })
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
