import { defineConnector, defineRole, sh } from '@chaos/core'
import type { Op } from '@chaos/core'
import { applyWith, fakeConnector } from '@chaos/testkit'
import type { Applied, ApplyOptions, Machine } from '@chaos/testkit'

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Runs operations on a throw-away machine as a host of the engine: `@machine/USER`. */
export interface OnMachine {
  apply(ops: readonly Op[], options?: Partial<ApplyOptions> & { user?: string }): Promise<Applied>
  close(): Promise<void>
}

export function onMachine({ enter }: Machine): OnMachine {
  const fake = fakeConnector()
  const machine = defineConnector({
    open: async ({ argument: user }, { base }) => {
      const become = user === 'root' ? ['HOME=/root'] : [`HOME=/home/${user}`, 'setpriv', '--reuid', user, '--regid', user, '--init-groups', '--']
      return {
        spawn: (command, options) => base.spawn(sh`exec ${[...enter]} env -i PATH=${PATH} USER=${user} LANG=C.UTF-8 ${become} sh -c ${command.text}`, options),
        close: async () => {},
      }
    },
  })
  return {
    apply: (ops, { user = 'root', ...options } = {}) =>
      applyWith({
        load: async (kind, name) => (kind === 'connector' && name === 'machine' ? machine : fake.load(kind, name)),
        hosts: [`@machine/${user}`],
        roles: { test: defineRole(() => ops) },
        ...options,
      }),
    close: () => fake.close(),
  }
}
