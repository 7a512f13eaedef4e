import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describePlace, findPlace, parsePlace } from '../src/index.ts'

let config: string

beforeEach(() => {
  config = mkdtempSync(join(tmpdir(), 'chaos-config-'))
})
afterEach(() => rmSync(config, { recursive: true }))

function put(file: string, content: string): void {
  mkdirSync(join(config, file, '..'), { recursive: true })
  writeFileSync(join(config, file), content)
}

function context(name: string, docker: object): void {
  put(`contexts/meta/${folderOf(name)}/meta.json`, JSON.stringify({ Name: name, Metadata: {}, Endpoints: { docker } }))
}

const folderOf = (name: string): string => createHash('sha256').update(name).digest('hex')
const find = (env: Record<string, string> = {}): ReturnType<typeof findPlace> => findPlace({ DOCKER_CONFIG: config, ...env })

describe('the address of an engine', () => {
  it.each([
    ['unix:///run/user/1000/docker.sock', { kind: 'unix', path: '/run/user/1000/docker.sock' }],
    ['unix://', { kind: 'unix', path: '/var/run/docker.sock' }],
    ['tcp://build:1234', { kind: 'tcp', host: 'build', port: 1234 }],
    ['tcp://[2001:db8::1]:2375', { kind: 'tcp', host: '2001:db8::1', port: 2375 }],
    ['build:1234', { kind: 'tcp', host: 'build', port: 1234 }],
    ['tcp://build', { kind: 'tcp', host: 'build', port: 2375 }],
    ['ssh://build.example.net', { kind: 'ssh', host: 'build.example.net' }],
    ['ssh://ana@build:2222/run/user/1000/docker.sock', { kind: 'ssh', host: 'build', user: 'ana', port: 2222, path: '/run/user/1000/docker.sock' }],
  ])('%s is understood', (text, place) => {
    expect(parsePlace(text, 'DOCKER_HOST')).toEqual({ tls: undefined, port: undefined, user: undefined, path: undefined, ...place })
    expect(describePlace(parsePlace(text, 'DOCKER_HOST'))).toMatch(/^the Docker engine at /)
  })

  it.each([
    ['npipe:////./pipe/docker_engine', 'npipe:// is not known'],
    ['fd://', 'fd:// is not known'],
    ['tcp://', 'it names no host'],
    ['tcp://a b', 'it cannot be read'],
    ['ssh://ana:hidden@build', 'it holds a password'],
  ])('%s is refused, and never shown', (text, why) => {
    expect(() => parsePlace(text, 'DOCKER_HOST')).toThrow(expect.objectContaining({ code: 'DOCKER_HOST', message: `DOCKER_HOST is no address of an engine: ${why}.` }) as Error)
  })
})

describe('the engine of this machine', () => {
  it('is the usual socket when nothing says otherwise', async () => {
    expect(await find()).toEqual({ kind: 'unix', path: '/var/run/docker.sock' })
  })

  it('is that of DOCKER_HOST, whatever the context', async () => {
    expect(await find({ DOCKER_HOST: 'tcp://a:1', DOCKER_CONTEXT: 'nosuch' })).toEqual({ kind: 'tcp', host: 'a', port: 1, tls: undefined })
  })

  it('is spoken to with the certificates of DOCKER_CERT_PATH', async () => {
    const files = { ca: '/certs/ca.pem', cert: '/certs/cert.pem', key: '/certs/key.pem' }
    expect(await find({ DOCKER_HOST: 'tcp://a', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' })).toEqual({ kind: 'tcp', host: 'a', port: 2376, tls: { ...files, verify: true } })
    expect(await find({ DOCKER_HOST: 'tcp://a', DOCKER_TLS: '1', DOCKER_CERT_PATH: '/certs' })).toMatchObject({ tls: { verify: false } })
    expect(await find({ DOCKER_HOST: 'tcp://a', DOCKER_TLS_VERIFY: '1' })).toMatchObject({ tls: { ca: join(config, 'ca.pem') } })
  })

  it('is that of the context that docker uses, or of DOCKER_CONTEXT', async () => {
    context('far', { Host: 'ssh://ana@far' })
    context('near', { Host: 'unix:///near.sock' })
    put('config.json', '{ "auths": {}, "currentContext": "far" }')
    expect(await find()).toMatchObject({ kind: 'ssh', host: 'far', user: 'ana' })
    expect(await find({ DOCKER_CONTEXT: 'near' })).toEqual({ kind: 'unix', path: '/near.sock' })
    expect(await find({ DOCKER_CONTEXT: 'default' })).toEqual({ kind: 'unix', path: '/var/run/docker.sock' })
  })

  it('is spoken to with the certificates of its context', async () => {
    context('safe', { Host: 'tcp://safe' })
    put(`contexts/tls/${folderOf('safe')}/docker/ca.pem`, '')
    const folder = join(config, 'contexts/tls', folderOf('safe'), 'docker')
    expect(await find({ DOCKER_CONTEXT: 'safe' })).toEqual({
      kind: 'tcp', host: 'safe', port: 2376,
      tls: { ca: join(folder, 'ca.pem'), cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem'), verify: true },
    })
    context('loose', { Host: 'tcp://loose', SkipTLSVerify: true })
    expect(await find({ DOCKER_CONTEXT: 'loose' })).toMatchObject({ tls: { verify: false } })
  })

  it('is an error that names the contexts there are, when the one that is asked for is not', async () => {
    await expect(find({ DOCKER_CONTEXT: 'nosuch' })).rejects.toMatchObject({ code: 'DOCKER_CONTEXT', message: 'There is no docker context called nosuch, nor any other.' })
    context('b', { Host: 'unix:///b' })
    context('a', { Host: 'unix:///a' })
    await expect(find({ DOCKER_CONTEXT: 'nosuch' })).rejects.toMatchObject({ message: 'There is no docker context called nosuch; there are a, b.' })
  })

  it('is an error that names the file, when docker’s configuration cannot be read', async () => {
    put('config.json', '{ "currentContext": ')
    await expect(find()).rejects.toMatchObject({ code: 'DOCKER_CONTEXT', message: expect.stringContaining(join(config, 'config.json')) })
  })
})
