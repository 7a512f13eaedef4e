import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { PluginContext, Target } from '@chaos/core'
import { pluginContext } from '@chaos/testkit'
import { beforeEach, onTestFinished } from 'vitest'

/** Tests of a file compare with the real ssh: without one they would compare our own reading with itself. */
export function needSsh(): void {
  const missing = spawnSync('ssh', ['-V']).error
  beforeEach(({ skip }) => skip(missing !== undefined, 'there is no ssh on this machine'))
}

/** Writes files into a folder of its own, which goes with the test. `FOLDER` in a text is the folder. */
export async function files(texts: Readonly<Record<string, string>>): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'chaos-ssh-settings-')))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(texts)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text.replaceAll('FOLDER', folder), { mode: 0o600 })
  }
  return folder
}

/** A host whose configuration is this text. */
export async function host(argument: string, config: string, data: Record<string, unknown> = {}): Promise<Target> {
  const folder = await files({ config })
  return target(argument, { ssh_config_file: join(folder, 'config'), ...data })
}

export function target(argument: string, data: Record<string, unknown> = {}, below: readonly string[] = []): Target {
  return { host: argument, argument, data, below }
}

/** A context that counts the programs it runs. */
export function counting(): PluginContext & { readonly argvs: (readonly string[])[] } {
  const context = pluginContext()
  const argvs: (readonly string[])[] = []
  return {
    ...context,
    argvs,
    run(argv, options) {
      argvs.push(argv)
      return context.run(argv, options)
    },
  }
}

/** A machine without OpenSSH's client: nothing is found in its PATH. */
export function withoutSsh(): PluginContext {
  const context = pluginContext()
  return { ...context, run: (argv, options) => context.run(argv, { ...options, env: { PATH: '/nonexistent' } }) }
}

/** Sets variables for one test; undefined takes one away. */
export function environment(variables: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name]
    put(name, value)
    onTestFinished(() => put(name, before))
  }
}

function put(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name]
  else process.env[name] = value
}
