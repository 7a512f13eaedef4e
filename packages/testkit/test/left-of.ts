import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'

/** What is left of an engine with this folder: processes, control groups, files. */
export function leftOf(folder: string): string[] {
  const processes = readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder)
    } catch {
      return false
    }
  })
  const groups = existsSync('/sys/fs/cgroup') ? ['', ...readdirSync('/sys/fs/cgroup')].map((name) => path.join('/sys/fs/cgroup', name, path.basename(folder))).filter((each) => existsSync(each)) : []
  return [...processes, ...groups, ...(existsSync(folder) ? [folder] : [])]
}
