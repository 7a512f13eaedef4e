import type { HostReference } from '@chaos/core'
import { pluginContext } from '@chaos/testkit'
import vagrant from '../src/index.ts'

/** What `@vagrant/ARGUMENT` stands for, its data validated as the engine does. */
export async function ask(argument: string, data: Readonly<Record<string, unknown>>, context = pluginContext()): Promise<HostReference[]> {
  const checked = await vagrant.data!['~standard'].validate(data)
  if (checked.issues) throw new Error(JSON.stringify(checked.issues))
  const found: HostReference[] = []
  for await (const host of vagrant.hosts!(argument, { ...context, data: checked.value as Record<string, unknown>, hostData: {} })) found.push(host)
  return found
}
