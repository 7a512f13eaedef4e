import assert from 'node:assert/strict'
import { isBoat } from '@chaos/core'
import type { Boat, HostReference } from '@chaos/core'
import { pluginContext } from './plugin-context.ts'
import type { Runner } from './runner.ts'

export interface BoatSuiteOptions extends Runner {
  name: string
  boat: Boat
  /** Validated config. Default: none. */
  config?: unknown
  /** Names of the hosts it must find, in any order. */
  expected: readonly string[]
}

/** For every boat: the hosts it knows, each once, as plain data, and the same when it is asked again. */
export function boatSuite({ name, boat, config, expected, describe, it }: BoatSuiteOptions): void {
  const hosts = async (): Promise<HostReference[]> => {
    const found: HostReference[] = []
    for await (const host of boat.hosts({ ...pluginContext(), config })) found.push(host)
    return found
  }

  describe(`the boat contract (${name})`, () => {
    it('is a boat', async () => assert.ok(isBoat(boat)))

    it('finds the hosts, each once', async () => {
      assert.deepEqual((await hosts()).map((host) => host.name).toSorted(), [...expected].toSorted())
    })

    it('tells of them in plain data', async () => {
      for (const host of await hosts()) {
        assert.deepEqual(Object.keys(host).filter((key) => !['name', 'data', 'groups'].includes(key)), [])
        assert.deepEqual(JSON.parse(JSON.stringify(host)), host)
        assert.ok((host.groups ?? []).every((group) => typeof group === 'string'))
      }
    })

    it('finds the same when it is asked again', async () => assert.deepEqual(await hosts(), await hosts()))
  })
}
