import type { PluginContext } from '@chaos/core'

/** Handshakes with one machine at once. sshd drops the tenth that is not logged in yet (MaxStartups 10:30:100), and is a moment late to notice that one is. */
const AT_ONCE = 8

type Limited = <T>(work: () => Promise<T>) => Promise<T>

/** Lets a few do something at once, the others in order; one limit per machine and run. */
export function handshakeLimit(machine: string, context: PluginContext): Promise<Limited> {
  return context.cache(`ssh:handshakes:${machine}`, async () => createLimiter(AT_ONCE))
}

function createLimiter(limit: number): Limited {
  let running = 0
  const waiting: (() => void)[] = []
  return async (work) => {
    if (running < limit) running++
    else await new Promise<void>((go) => waiting.push(go))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
