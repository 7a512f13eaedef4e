import { spawnSync } from 'node:child_process'
import { beforeAll, expect, test } from 'vitest'
import { buildIfStale, CHAOS, makeDesk } from './command-line.ts'
import { addVault } from './secrets/support.ts'

beforeAll(buildIfStale, 300_000)

/** Tells each module that is resolved, on stderr. */
const HOOK = `data:text/javascript,${encodeURIComponent(`
  import { register } from 'node:module'
  register('data:text/javascript,' + encodeURIComponent("import { writeSync } from 'node:fs'\\nexport async function resolve(s, c, next) { const r = await next(s, c); writeSync(2, 'LOADED ' + r.url + '\\\\n'); return r }"))
`)}`

function loadedBy(args: readonly string[], env: Record<string, string> = {}, cwd = '/'): { status: number | null; stdout: string; loaded: string[] } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', HOOK, CHAOS, ...args], { encoding: 'utf8', cwd, env: { ...process.env, ...env } })
  const loaded = stderr.split('\n').filter((line) => line.startsWith('LOADED file:')).map((line) => line.replace(/^.*\/(node_modules\/(?!.*node_modules)|packages\/)/, ''))
  return { status, stdout, loaded: [...new Set(loaded)].toSorted() }
}

test('--help imports the parser and nothing else', () => {
  const { status, stdout, loaded } = loadedBy(['--help'])
  expect(status).toBe(0)
  expect(stdout).toContain('chaos')
  expect(loaded).toEqual(['cli/bin/chaos.js', 'cli/dist/ended-early.js', 'cli/dist/exit-codes.js', 'cli/dist/index.js', 'cli/dist/own-package.js'])
})

test('apply without a secret loads nothing that reads secrets; with one it does', async () => {
  const desk = makeDesk()
  try {
    await addVault(desk, 'a: b\n')
    const ofSecrets = (content: string): string[] => {
      desk.write('ch-obolo.yml', JSON.stringify({ files: [{ path: `${desk.folder}/made`, content }] }))
      const { status, loaded } = loadedBy(['apply', '--dry'], { HOME: desk.folder, CHAOS_CONFIG_DIR: `${desk.folder}/config` }, desk.folder)
      expect([status, loaded.some((each) => each.startsWith('engine/'))]).toEqual([0, true])
      return loaded.filter((each) => /^sops\/|age-encryption|noble|^provider-|cli\/dist\/(file-provider|decrypted|for-roles|open)\.js/.test(each))
    }
    expect(ofSecrets('plain')).toEqual([])
    expect(ofSecrets('${secret:sops:a}')).toContain('sops/dist/index.js')
  } finally {
    desk.remove()
  }
})
