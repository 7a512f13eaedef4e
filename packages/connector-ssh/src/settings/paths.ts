import { homedir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { refused } from './refused.ts'

/** Who runs chaos, as the system knows them: OpenSSH takes name and home from there, whatever $HOME says. */
export function localUser(): { name: string; home: string; id: number } {
  try {
    const { username, homedir: home, uid } = userInfo()
    return { name: username, home, id: uid }
  } catch {
    // A container may run as a number that no user has.
    return { name: process.env['USER'] ?? '', home: homedir(), id: process.getuid?.() ?? -1 }
  }
}

/** A path of the host's data: `~/` is $HOME, as in the shell; a relative one starts where chaos runs. */
export function dataPath(path: string): string {
  return resolve(tilde(path, homedir(), 'the data of the host'))
}

/** A path with its `~/` filled in; another user's home is not looked up. */
export function tilde(path: string, home: string, whence: string): string {
  if (path === '~') return home
  if (path.startsWith('~/')) return join(home, path.slice(2))
  if (path.startsWith('~')) throw refused('SSH_CONFIG', `The path ${JSON.stringify(path)} in ${whence} begins with the home of another user.`, 'Write the whole path.')
  return path
}
