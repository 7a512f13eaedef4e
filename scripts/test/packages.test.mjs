import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { ROOT, tool } from '../program.mjs'

const packages = readdirSync(path.join(ROOT, 'packages')).filter((name) => existsSync(path.join(ROOT, 'packages', name, 'package.json')))

it('npm test in a package runs the tests of that package', () => {
  const scripts = packages.map((name) => JSON.parse(readFileSync(path.join(ROOT, 'packages', name, 'package.json'), 'utf8')).scripts.test)
  expect(packages).toContain('core')
  expect(scripts).toEqual(packages.map((name) => `vitest run --root ../.. packages/${name}/`))
  const found = execFileSync(tool('vitest'), ['list', '--filesOnly', '--root', '../..', 'packages/connector-docker/'], { cwd: path.join(ROOT, 'packages/connector-docker'), encoding: 'utf8' }).trim().split('\n')
  const files = readdirSync(path.join(ROOT, 'packages/connector-docker/test')).filter((name) => name.endsWith('.test.ts')).map((name) => `packages/connector-docker/test/${name}`)
  expect(found.toSorted()).toEqual(files.toSorted())
})
