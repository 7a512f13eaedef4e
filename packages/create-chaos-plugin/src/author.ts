import { execFile } from 'node:child_process'
import { userInfo } from 'node:os'
import { promisify } from 'node:util'

/** Who holds the copyright: git's user.name, else the login name. */
export async function authorOf(): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('git', ['config', '--get', 'user.name'])
    if (stdout.trim() !== '') return stdout.trim()
  } catch {
    // No git, or no name in it.
  }
  return userInfo().username
}
