import { applyWith, noDebian, startDebian } from '@chaos/testkit'
import type { Applied, ApplyOptions, Debian } from '@chaos/testkit'
import docker from '../../connector-docker/src/index.ts'
import local from '../../connector-local/src/index.ts'
import files from '../../role-files/src/index.ts'
import services from '../src/index.ts'

/** Why there is no machine with systemd. */
export const reason = noDebian()
export const because = reason === undefined ? '' : ` (${reason})`

/** Milliseconds for the first machine of a run: its archive may have to be made. */
export const FIRST = 600_000

/** Units of our own: what they start does nothing but count. */
export const unitText = (name: string): string =>
  `[Service]\nExecStartPre=/bin/sh -c "echo started >>/run/${name}.log"\nExecStart=/bin/sleep infinity\nExecReload=/bin/sh -c "echo reloaded >>/run/${name}.log"\n[Install]\nWantedBy=multi-user.target\n`

export const NAMES = ['one', 'two', 'three', 'blue-a', 'blue-b'] as const

export interface OnSystemd {
  readonly debian: Debian
  apply(desired: Readonly<Record<string, unknown>>, options?: Partial<ApplyOptions>): Promise<Applied>
  /** Applies it; then again, which must change nothing, in two exchanges at most. Gives what the first run said it would do. */
  make(desired: Readonly<Record<string, unknown>>): Promise<string[]>
  is(verb: 'active' | 'enabled', ...units: string[]): Promise<string>
  /** How often it was started and reloaded. */
  log(name: string): Promise<string>
  /** All units off, as if just installed, and nothing remembered. */
  reset(): Promise<void>
}

export async function startSystemd(packages: readonly string[] = []): Promise<OnSystemd> {
  const debian = await startDebian({ systemd: true, packages })
  const load = async (_: string, name: string): Promise<unknown> => (name === 'docker' ? docker : local)
  const apply: OnSystemd['apply'] = (desired, options = {}) =>
    applyWith({ hosts: [debian.host], roles: { ...('files' in desired ? { files } : {}), services }, desired, load, ...options })
  const installed = NAMES.map((name) => `cat >${name}.service <<'END'\n${unitText(name)}END`).join('\n')
  return {
    debian,
    apply,
    async make(desired) {
      const first = await apply(desired, { maxRemovals: 100 })
      if (first.errors.length > 0) throw new Error(first.errors.map(({ code, message }) => `${code}: ${message}`).join('\n'))
      const again = await apply(desired)
      if (again.end.operations.changed !== 0 || (again.hosts[0]?.exchanges ?? 9) > 2) throw new Error(`again: ${summaries(again).join('; ')}, in ${again.hosts[0]?.exchanges} exchanges`)
      return summaries(first)
    },
    is: async (verb, ...units) => (await debian.run(`systemctl is-${verb} ${units.join(' ')} || true`)).trim().replaceAll('\n', ' '),
    log: async (name) => (await debian.run(`cat /run/${name}.log 2>/dev/null || true`)).trim().replaceAll('\n', ' '),
    reset: async () => {
      await debian.run(`cd /etc/systemd/system
systemctl --no-reload unmask ${NAMES.join(' ')} app 2>/dev/null
systemctl --no-reload disable ${NAMES.join(' ')} app 2>/dev/null
systemctl stop ${NAMES.join(' ')} app 2>/dev/null
systemctl reset-failed
rm -rf /run/*.log /srv/* app.service *.service.d /var/lib/chaos
${installed}
systemctl daemon-reload`)
    },
  }
}

/** What a plan says would change; of what is not known yet, the reason. */
export function summaries({ plan }: Applied): string[] {
  return plan.hosts.flatMap(({ roles }) =>
    roles.flatMap(({ operations }) => operations.flatMap(({ title, changes, reason: later }) => (later === undefined ? changes.map(({ summary }) => `${title}: ${summary}`) : [`${title}: later: ${later}`]))),
  )
}
