import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder of its own, removed after the test. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'chaos-discovery-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function write(file: string, content: string | object): void {
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2))
}

/** Writes a package: its package.json, and its files by path. */
export function writePackage(folder: string, json: object, files: Record<string, string> = {}): string {
  write(path.join(folder, 'package.json'), { version: '1.0.0', ...json })
  for (const [file, content] of Object.entries(files)) write(path.join(folder, file), content)
  return folder
}

/** A module that exports something with the brand that core would stamp, and remembers that it was imported. */
export function pluginModule(kind: string, { api = 1, as = 'default' } = {}): string {
  const value = `Object.defineProperty({}, '~chaos', { value: { kind: '${kind}', api: ${api} } })`
  return `globalThis.chaosTestImports = (globalThis.chaosTestImports ?? 0) + 1\nexport ${as === 'default' ? 'default' : `const ${as} =`} ${value}\n`
}

export function imports(): number {
  return (globalThis as { chaosTestImports?: number }).chaosTestImports ?? 0
}

/** A package of one kind by its name alone. */
export function writePlugin(nodeModules: string, name: string, kind: string): string {
  return writePackage(path.join(nodeModules, name), { name, type: 'module', exports: './index.js' }, { 'index.js': pluginModule(kind) })
}

/** Depends on these packages, at any version. */
export function dependencies(...names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, '*']))
}

/** Options that keep the machine's own plugins out of a test. */
export function only(from: string, more: { argv1?: string; cli?: string; env?: NodeJS.ProcessEnv } = {}) {
  return { from, argv1: path.join(from, 'no-program'), env: { HOME: path.join(from, 'no-home') }, ...more }
}
