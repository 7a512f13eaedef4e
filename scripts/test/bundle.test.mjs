import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { bundle } from '../bundle.mjs'

let folder

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'chaos-bundle-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(files) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), typeof text === 'string' ? text : JSON.stringify(text))
  }
}

async function build() {
  await bundle(folder)
  return Object.fromEntries(readdirSync(path.join(folder, 'dist')).map((name) => [name, readFileSync(path.join(folder, 'dist', name), 'utf8')]))
}

const PACKAGE = {
  name: '@chaos/sample',
  exports: {
    '.': { '@chaos/source': './src/index.ts', default: './dist/index.js' },
    './explain': { '@chaos/source': './src/explain.ts', default: './dist/explain.js' },
    './package.json': './package.json',
  },
  dependencies: { kept: '1', '@chaos/core': '1' },
  devDependencies: { taken: '1', '@chaos/testkit': '1' },
}
const TAKEN = {
  'node_modules/taken/package.json': { name: 'taken', version: '1.2.3', license: 'MIT', main: 'index.js', type: 'module' },
  'node_modules/taken/index.js': "import { inner } from 'inner'\nexport const taken = () => inner + ' of what is taken'",
  'node_modules/inner/package.json': { name: 'inner', version: '0.1.0', license: 'ISC', main: 'index.js', type: 'module' },
  'node_modules/inner/index.js': "export const inner = 'the inside'",
  'node_modules/inner/LICENSE.md': 'You may.',
}

it('makes one file per door and per part that is imported later, with what stands among the devDependencies inside', async () => {
  write({
    ...TAKEN,
    'package.json': PACKAGE,
    'src/index.ts': "import { existsSync } from 'node:fs'\nimport '@chaos/core'\nimport 'kept'\nimport { taken } from 'taken'\nexport const text: string = taken() + existsSync('/')\nexport const later = () => import('./part.ts')",
    'src/part.ts': "import { small } from './small.ts'\nexport const part = small",
    'src/small.ts': 'export const small = 1',
    'src/explain.ts': 'export default {}',
    'node_modules/taken/LICENSE': 'Permission is granted.',
  })
  const files = await build()
  expect(Object.keys(files).toSorted()).toEqual(['THIRD-PARTY-NOTICES', 'explain.js', 'index.js', 'part.js'])
  const imported = [...files['index.js'].matchAll(/^import .*?"([^"]+)"/gm)].map(([, name]) => name)
  expect(new Set(imported)).toEqual(new Set(['@chaos/core', 'kept', 'node:fs']))
  expect(files['index.js']).toContain('the inside')
  expect(files['THIRD-PARTY-NOTICES']).toBe(`inner 0.1.0 (ISC)\n\nYou may.\n\n${'-'.repeat(80)}\n\ntaken 1.2.3 (MIT)\n\nPermission is granted.\n`)
})

it('bundles nothing that comes without the text of its licence', async () => {
  write({ ...TAKEN, 'package.json': PACKAGE, 'src/index.ts': "export { taken } from 'taken'", 'src/explain.ts': '' })
  await expect(build()).rejects.toThrow('taken 1.2.3 has no licence text')
})

it('takes yaml by its modules, and of them what is used', async () => {
  write({
    'package.json': { ...PACKAGE, devDependencies: { yaml: '2' } },
    'src/index.ts': "export { isAlias } from 'yaml'",
    'src/explain.ts': '',
    'node_modules/yaml/package.json': { name: 'yaml', version: '2.0.0', license: 'ISC', exports: { '.': { node: './dist/index.js' }, './package.json': './package.json' } },
    'node_modules/yaml/LICENSE': 'You may.',
    'node_modules/yaml/dist/index.js': "throw new Error('CommonJS')",
    'node_modules/yaml/browser/package.json': { type: 'module' },
    'node_modules/yaml/browser/dist/index.js': "export { isAlias } from './identity.js'\nexport { stringify } from './stringify.js'",
    'node_modules/yaml/browser/dist/identity.js': "export const isAlias = () => 'an alias'",
    'node_modules/yaml/browser/dist/stringify.js': "globalThis.told = 'not used'\nexport const stringify = () => 'a text'",
  })
  const { 'index.js': text } = await build()
  expect(text).toContain('an alias')
  expect(text).not.toMatch(/CommonJS|a text|not used/)
})
