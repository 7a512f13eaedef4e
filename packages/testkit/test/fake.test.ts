import { existsSync, readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { script, sh } from '@chaos/core'
import type { Connection, ConnectorContext } from '@chaos/core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fakeConnector, layerConnector } from '../src/index.ts'
import type { Fake, FakeOptions } from '../src/index.ts'

let fake: Fake

function start(options?: FakeOptions): void {
  fake = fakeConnector(options)
}

afterEach(() => fake.close())

function open(name: string): Promise<Connection> {
  return fake.connector.open!({ host: `@fake/${name}`, argument: name, data: {}, below: [] }, {} as ConnectorContext)
}

async function output(connection: Connection, command = sh`echo hello`): Promise<string> {
  const running = await connection.spawn(command)
  running.stdin.end()
  return text(running.stdout)
}

describe('@fake/NAME', () => {
  it('gives each host a folder of its own, and says which host it is', async () => {
    start()
    for (const name of ['a', 'b']) {
      expect(await output(await open(name), script('echo $CHAOS_FAKE_HOST; pwd; echo $HOME; echo mine >here'))).toBe(
        `${name}\n${fake.folder(name)}\n${fake.folder(name)}\n`,
      )
      expect(readFileSync(`${fake.folder(name)}/here`, 'utf8')).toBe('mine\n')
    }
    expect([fake.spawns('a'), fake.spawns(), fake.connections()]).toEqual([1, 2, 2])
  })

  it('gives each host a place for locks and memories, outside its folder', async () => {
    start()
    const places = await Promise.all(['a', 'b'].map(async (name) => output(await open(name), script('echo "$CHAOS_STATE_FOLDER"'))))
    expect(new Set(places).size).toBe(2)
    for (const place of places) expect(place.startsWith(fake.folder('a'))).toBe(false)
  })

  it('removes the folders it made, and ends what was left running, also in another session', async () => {
    start()
    const folder = fake.folder('a')
    await output(await open('a'), script('setsid sleep 300 >/dev/null 2>&1 &'))
    await vi.waitFor(() => expect(fake.running()).toHaveLength(1), 20_000)
    await fake.close()
    expect(fake.running()).toEqual([])
    expect(existsSync(folder)).toBe(false)
  })

  it('answers later by its latency', async () => {
    start({ latency: 120 })
    const connection = await open('a')
    const begin = performance.now()
    expect(await output(connection)).toBe('hello\n')
    expect(performance.now() - begin).toBeGreaterThan(110)
  })

  it('counts how often a host answered', async () => {
    start()
    const running = await (await open('a')).spawn(sh`while read line; do echo "got $line"; done`)
    const answers = running.stdout[Symbol.asyncIterator]()
    for (const word of ['one', 'two', 'three']) {
      running.stdin.write(`${word}\n`)
      expect(String((await answers.next()).value)).toBe(`got ${word}\n`)
    }
    expect(fake.turns('a')).toBe(3)
    running.stdin.end()
  })

  it('breaks after so many bytes, and connects anew', async () => {
    start()
    const connection = await open('a')
    fake.breakAfter('a', 3)
    const running = await connection.spawn(sh`echo hello; sleep 300`)
    const seen: string[] = []
    running.stdout.on('data', (chunk) => seen.push(String(chunk)))
    await expect(running.exit).rejects.toMatchObject({ code: 'CONNECTION_LOST', host: '@fake/a' })
    expect(seen.join('')).toBe('hel')
    await expect(connection.spawn(sh`true`)).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    expect(await output(await open('a'))).toBe('hello\n')
  })

  it('breaks when it is told, and leaves what runs on the host', async () => {
    start()
    const running = await (await open('a')).spawn(sh`sleep 300`)
    fake.break('a')
    await expect(running.exit).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await vi.waitFor(() => expect(fake.running('a').length).toBeGreaterThan(0), 20_000)
  })

  it('kills the shells of a host, not its connection', async () => {
    start()
    const connection = await open('a')
    const running = await connection.spawn(sh`sleep 300; true`)
    fake.killShells('a')
    expect(await running.exit).toEqual({ code: null, signal: 'SIGKILL' })
    expect(await output(connection)).toBe('hello\n')
  })

  it('refuses as often as it is told', async () => {
    start()
    fake.refuse('a', 1)
    await expect(open('a')).rejects.toMatchObject({ code: 'CONNECT_REFUSED' })
    expect(await output(await open('a'))).toBe('hello\n')
  })

  it.skipIf(!existsSync('/bin/bash'))('has another sh when it is told (needs /bin/bash)', async () => {
    start({ shell: '/bin/bash' })
    expect(await output(await open('a'), script(`sh -c 'echo \${BASH_VERSION:+bash}'`))).toBe('bash\n')
  })

  it('is stacked upon by @layer/NAME', async () => {
    start()
    const base = await open('a')
    const layer = await layerConnector.open!({ host: '@fake/a/@layer/b', argument: 'b', data: {}, below: [] }, { base } as ConnectorContext)
    expect(await output(layer, script('echo $CHAOS_FAKE_HOST $CHAOS_LAYER; echo $HOME'))).toBe(`a b\n${fake.folder('a')}/layers/b\n`)
  })
})
