import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { boundaries } from '../boundaries.mjs'
import { importsOf } from '../imports.mjs'

let root

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'chaos-boundaries-'))
})
afterEach(() => rmSync(root, { recursive: true }))

/** Lays out packages: by name, their dependencies and the files of src. */
function workspace(packages) {
  for (const [name, { dependencies = [], peers = [], bundled = [], files }] of Object.entries(packages)) {
    const folder = path.join(root, 'packages', name)
    mkdirSync(path.join(folder, 'src'), { recursive: true })
    const versions = (names) => Object.fromEntries(names.map((each) => [each, '1.0.0']))
    writeFileSync(
      path.join(folder, 'package.json'),
      JSON.stringify({ name: `@chaos/${name}`, dependencies: versions(dependencies), peerDependencies: versions(peers), devDependencies: versions(bundled) }),
    )
    for (const [file, text] of Object.entries(files)) writeFileSync(path.join(folder, 'src', file), text)
  }
}

describe('import directions', () => {
  it('finds nothing where all is well', () => {
    workspace({
      core: { files: { 'index.ts': `import { a } from './a.ts'\nimport path from 'node:path'`, 'a.ts': '' } },
      'role-files': {
        dependencies: ['@chaos/operations', 'zod'], peers: ['@chaos/core'],
        files: { 'index.ts': `import type { Op } from '@chaos/core'\nimport { files } from '@chaos/operations'\nconst z = await import('zod/v4')` },
      },
    })
    expect(boundaries(root)).toEqual([])
  })

  it('says file and line of an import against the arrows', () => {
    workspace({
      core: { files: { 'index.ts': `\n\nexport { run } from '@chaos/engine'` } },
      'role-files': {
        dependencies: ['@chaos/engine', '@chaos/role-users'],
        files: { 'index.ts': `import '@chaos/engine'\n`, 'a.ts': `// first\nexport type T = import('@chaos/role-users').User` },
      },
    })
    expect(boundaries(root).toSorted()).toEqual([
      'packages/core/src/index.ts:3: core may not import @chaos/engine',
      'packages/role-files/src/a.ts:2: role-files may not import @chaos/role-users',
      'packages/role-files/src/index.ts:1: role-files may not import @chaos/engine',
    ])
  })

  it('finds what is imported and not declared, declared and not imported, or outside the package', () => {
    workspace({
      engine: {
        dependencies: ['@chaos/core', 'yaml'],
        files: { 'index.ts': `import {\n  a,\n  b,\n} from '@chaos/core'\nimport execa from 'execa'\nimport x from '../../core/src/index.ts'` },
      },
    })
    expect(boundaries(root)).toEqual([
      'packages/engine/src/index.ts:5: imports execa, which is not among its dependencies',
      'packages/engine/src/index.ts:6: imports ../../core/src/index.ts, outside its package',
      'packages/engine/package.json: depends on yaml, which nothing in src imports',
    ])
  })

  it('takes a development dependency for an import, because the build bundles it, but not one of ours', () => {
    workspace({ cli: { bundled: ['commander', '@chaos/engine'], files: { 'index.ts': `import 'commander'\nimport '@chaos/engine'` } } })
    expect(boundaries(root)).toEqual(['packages/cli/src/index.ts:2: imports @chaos/engine, which is not among its dependencies'])
  })

  it('wants to be told of a new kind of package', () => {
    workspace({ misc: { files: { 'index.ts': '' } } })
    expect(boundaries(root)).toEqual(['packages/misc: scripts/boundaries.mjs does not say what it may import'])
  })

  it('lets the command line bring plugins that it does not import', () => {
    workspace({ cli: { dependencies: ['@chaos/role-files'], files: { 'index.ts': '' } } })
    expect(boundaries(root)).toEqual([])
  })
})

describe('importsOf', () => {
  it('sees every form of an import, and none in comments and texts', () => {
    const source = [
      `import one from 'one'; import type { Two } from "two"`,
      `export * from 'three'`,
      `/* import x from 'no' */ // import y from 'no'`,
      '/**',
      ` * import z from 'no'`,
      ' */',
      `const text = 'import a from nothing', pattern = /['"\`]/, other = \`import b from 'no'\``,
      `const four = await import('four')`,
      `import 'five'`,
      `export type Kind =`,
      `  | 'no'`,
    ].join('\n')
    expect(importsOf(source).map(({ specifier, line }) => `${specifier}:${line}`).toSorted()).toEqual(['five:9', 'four:8', 'one:1', 'three:2', 'two:1'])
  })
})
