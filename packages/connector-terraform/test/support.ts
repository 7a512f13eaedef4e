import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HostReference } from '@chaos/core'
import { pluginContext } from '@chaos/testkit'
import terraform from '../src/index.ts'

const env = { ...process.env, CHECKPOINT_DISABLE: '1' }

/** Why nothing can be tried with the real program here; undefined if it can. */
export const noTerraform: string | undefined = spawnSync('terraform', ['version'], { env }).status === 0 ? undefined : 'needs terraform, which Debian does not have'

export interface Folder {
  readonly path: string
  terraform(...args: readonly string[]): string
  /** Writes a configuration and applies it. */
  apply(configuration: string): void
  remove(): void
}

/** A folder for a configuration that needs no provider and no network. */
export function makeFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'chaos-terraform-'))
  const run = (...args: readonly string[]): string => execFileSync('terraform', args, { cwd: path, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  return {
    path,
    terraform: run,
    apply(configuration) {
      writeFileSync(join(path, 'main.tf'), configuration)
      run('init', '-input=false')
      run('apply', '-auto-approve', '-input=false')
    },
    remove: () => rmSync(path, { recursive: true }),
  }
}

/** Every call of a program, with its workspace, besides running it. */
export function watched(): ReturnType<typeof pluginContext> & { calls: string[] } {
  const context = pluginContext()
  const calls: string[] = []
  return {
    ...context,
    calls,
    run(argv, options) {
      const workspace = options?.env?.['TF_WORKSPACE']
      calls.push([...(workspace ? [`TF_WORKSPACE=${workspace}`] : []), ...argv].join(' '))
      return context.run(argv, options)
    },
  }
}

/** What `@terraform/ARGUMENT` stands for, its data validated as the engine does. */
export async function ask(argument: string, data: Readonly<Record<string, unknown>>, context = watched()): Promise<HostReference[]> {
  const checked = await terraform.data!['~standard'].validate(data)
  if (checked.issues) throw new Error(JSON.stringify(checked.issues))
  const found: HostReference[] = []
  for await (const host of terraform.hosts!(argument, { ...context, data: checked.value as Record<string, unknown>, hostData: {} })) found.push(host)
  return found
}
