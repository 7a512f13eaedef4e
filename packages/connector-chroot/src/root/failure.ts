import { ChaosError } from '@chaos/core'
import type { Answer } from './answer.ts'

/** Why a root cannot be entered, of what was answered and what was printed on stderr. */
export function failure(answer: Answer, stderr: string, { host, path, mounts }: { host: string; path: string; mounts: boolean }): ChaosError {
  const error = (code: string, message: string, hint?: string): ChaosError =>
    new ChaosError(code, { message: message.replace(/^[a-z]/, (first) => first.toUpperCase()), ...(hint === undefined ? {} : { hint }), host, details: { retry: false } })
  const what = answer.get('what') ?? path
  const why = answer.get('why') ?? ''
  const user = answer.get('user')
  if (user !== undefined) {
    return error('CHROOT_ROOT', `only root can enter ${path}, and chaos is ${user} there.`, 'Run chaos as root, or log in as root; or, where sudo asks for no password, say chroot_sudo: true.')
  }
  if (answer.has('sudo') && !answer.has('begun')) {
    return error('CHROOT_ROOT', `sudo did not make chaos root there: ${stderr || 'it said nothing.'}`, 'chroot_sudo needs a sudo that asks for no password.')
  }
  if (!answer.has('begun') && mounts) {
    return error('CHROOT_MOUNT', `no mounts could be made for ${path} alone: ${stderr || 'unshare said nothing.'}`, /not found/.test(stderr)
      ? 'chroot_bind needs the programs unshare, nsenter and mount on the machine underneath.'
      : 'chroot_bind needs a root that may mount; a container often has none. If it stands on another chroot, give that one a chroot_bind as well.')
  }
  switch (answer.get('failed')) {
    case 'link':
      return what === path
        ? error('CHROOT_LINK', `${path} is a link to ${why}.`, 'Name the folder itself.')
        : error('CHROOT_LINK', `${what} is a link to ${why}, which leads out of ${path}; nothing is mounted there.`, 'Put a folder or a file in its place, or take it out of chroot_bind.')
    case 'missing':
      return error('CHROOT_MISSING', `${path} ${why.replace(/\.?$/, '.')}`, 'Check the path, and that the disk is mounted.')
    case 'itself':
      return error('CHROOT_MISSING', `${path} is the root of the machine itself.`, 'Leave @chroot out.')
    case 'source':
      return error('CHROOT_BIND', `chroot_bind names ${what}, which does not exist on the machine underneath.`)
    case 'mount':
      return error('CHROOT_MOUNT', `could not mount ${what} inside: ${why || 'mount said nothing.'}`, 'chroot_bind needs a root that may mount; a container often has none.')
    case 'null':
      return error('CHROOT_NULL', `there is no device /dev/null in ${path}; what is meant for it would become a file there.`, 'Say chroot_bind: [dev], or make it: mknod -m 666 dev/null c 1 3.')
    case 'shell':
      return noShell(why, path, error)
    default:
      return error('CHROOT_FAILED', `${path} could not be looked at: ${stderr || 'its shell ended without an answer.'}`)
  }
}

function noShell(why: string, path: string, error: (code: string, message: string, hint: string) => ChaosError): ChaosError {
  if (/cannot change root|can't change root/i.test(why)) return error('CHROOT_ROOT', `root may not enter ${path} there: ${why}`, 'A container needs the capability SYS_CHROOT for it.')
  if (/exec format/i.test(why)) {
    return error('CHROOT_SHELL', `the /bin/sh of ${path} is made for another kind of processor.`, 'Install qemu-user-static on the machine underneath (with binfmt-support), then it runs.')
  }
  if (/there is no \/bin\/sh/.test(why)) return error('CHROOT_SHELL', `there is no /bin/sh in ${path}, so nothing can be run in it.`, 'Is it the root of a system? If it is one in the making, install its base first.')
  const loader = /no such file|not found/i.test(why) ? ' It is there, so its loader or a library is missing.' : ''
  return error('CHROOT_SHELL', `the /bin/sh of ${path} does not run: ${why || 'it said nothing.'}${loader}`, 'Is the system in it complete?')
}
