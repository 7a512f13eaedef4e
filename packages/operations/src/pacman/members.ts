import { z } from 'zod'
import { wrongName } from './names.ts'

/** Schema members that the operations on packages of pacman share. */

const name = z.string().superRefine((value, check) => {
  const [plain = '', ...version] = value.split('=')
  const message = wrongName(plain) ?? (version.length > 1 || (version.length === 1 && !/^[A-Za-z0-9:._+~]+-[0-9.]+$/.test(version[0] ?? '')) ? 'a version is whole, with its release: app=2.0-1' : undefined)
  if (message) check.addIssue({ code: 'custom', message: `${JSON.stringify(value)}: ${message}` })
})

export const names = z.union([name, z.array(name)]).transform((given) => (typeof given === 'string' ? [given] : given))

/** `app=2.0-1` in its parts. */
export function parted(written: string): { name: string; version?: string } {
  const [plain = '', version] = written.split('=')
  return version === undefined ? { name: plain } : { name: plain, version }
}
