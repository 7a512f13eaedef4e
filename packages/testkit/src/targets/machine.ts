import { makeAccounts } from './accounts.ts'
import type { Machine, MachineOptions } from './contract.ts'
import { startLayer } from './layer.ts'
import type { Layer } from './layer.ts'

/**
 * Starts a throw-away machine. It ends by `close`, or with the process that started it, however that ends.
 * Its root's home, /home, /tmp, /run and /var/log are empty, and it knows no other machine.
 */
export async function startMachine(options: MachineOptions = {}): Promise<Machine> {
  const layer = await startMachineLayer(options)
  return { run: (script) => layer.run(script), enter: layer.enter, close: () => layer.close() }
}

/** A machine's layer with its accounts. */
export async function startMachineLayer(options: MachineOptions): Promise<Layer> {
  const layer = await startLayer(options.network ?? false)
  try {
    await makeAccounts(layer, options)
  } catch (error) {
    await layer.close()
    throw error
  }
  return layer
}
