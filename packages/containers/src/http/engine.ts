import type { Duplex } from 'node:stream'
import { createInterface } from 'node:readline'
import type { Engine, NewContainer } from '../engine/contract.ts'
import { containerState, imageState } from '../engine/inspected.ts'
import type { InspectedContainer, InspectedImage } from '../engine/inspected.ts'
import { imageNotPulled } from '../engine/refusal.ts'
import { createClient, messageOf, refused } from './client.ts'
import type { Answer, Client, Question } from './client.ts'
import { exec } from './exec.ts'
import { imagePath, splitImage } from './image-name.ts'
import { lastLines } from './log.ts'
import { versionPrefix } from './version.ts'

export interface HttpEngineOptions {
  /** Opens a stream to the engine's socket. */
  readonly dial: () => Promise<Duplex>
  /** What it is to people: `the Docker engine at /var/run/docker.sock`. */
  readonly place: string
  /** The program that people use with it, for hints. Default `docker`. */
  readonly program?: string
  /** Told the engine's id of each program that it is about to run in a container. */
  readonly onExec?: (id: string) => void
}

/** An engine that speaks Docker's HTTP API. Asks it for the version of that first. */
export async function httpEngine({ dial, place, program = 'docker', onExec = () => {} }: HttpEngineOptions): Promise<Engine> {
  const client = createClient({ dial, place, program })
  try {
    client.prefix = await versionPrefix(client, place)
  } catch (error) {
    client.close()
    throw error
  }
  const { ask, optional, json } = asking(client, place)

  return {
    program,
    async container(reference) {
      const found = (await optional(`/containers/${encodeURIComponent(reference)}/json`)) as InspectedContainer | undefined
      return found && containerState(found)
    },
    async image(reference) {
      const found = (await optional(`/images/${imagePath(reference)}/json`)) as InspectedImage | undefined
      return found && imageState(found)
    },
    async pull(image, { platform, signal }) {
      const { name, tag } = splitImage(image)
      const answer = await client.stream({ method: 'POST', path: '/images/create', query: { fromImage: name, tag, platform }, signal })
      let last = ''
      for await (const line of createInterface({ input: answer })) {
        last = line
        const { error } = JSON.parse(line) as { error?: string }
        if (error !== undefined) throw imageNotPulled(program, image, error)
      }
      if (answer.statusCode !== 200) throw imageNotPulled(program, image, messageOf(Buffer.from(last)))
    },
    async run(container) {
      const { Id } = (await json({ method: 'POST', path: '/containers/create', query: { name: container.name, platform: container.platform }, body: created(container) })) as { Id: string }
      try {
        await ask({ method: 'POST', path: `/containers/${Id}/start` })
      } catch (error) {
        await ask({ method: 'DELETE', path: `/containers/${Id}`, query: { force: 'true', v: 'true' } }).catch(() => {})
        throw error
      }
      return Id
    },
    start: async (id) => void (await ask({ method: 'POST', path: `/containers/${id}/start` })),
    stop: async (id) => void (await ask({ method: 'POST', path: `/containers/${id}/stop` }, [404])),
    // 409: somebody is removing it already.
    remove: async (id) => void (await ask({ method: 'DELETE', path: `/containers/${id}`, query: { force: 'true', v: 'true' } }, [404, 409])),
    exec: (id, options) =>
      exec(
        {
          post: (path, body) => json({ method: 'POST', path, body }),
          get: (path) => json({ method: 'GET', path }),
          hijack: (path, body) => client.hijack({ method: 'POST', path, body }),
        },
        id,
        options,
        onExec,
      ),
    async commit(id, { image, name }) {
      const { Config } = (await json({ method: 'GET', path: `/images/${image.id}/json` })) as { Config: Record<string, unknown> | null }
      const { name: repo, tag } = name === undefined ? { name: undefined, tag: undefined } : splitImage(name)
      // Without these two the image would start what kept the container alive.
      const body = { ...Config, Entrypoint: image.entrypoint, Cmd: image.command }
      const { Id } = (await json({ method: 'POST', path: '/commit', query: { container: id, repo, tag }, body })) as { Id: string }
      return Id
    },
    async log(id, lines) {
      return lastLines((await ask({ method: 'GET', path: `/containers/${id}/logs`, query: { stdout: 'true', stderr: 'true', tail: String(lines) } })).body, lines)
    },
    async close() {
      client.close()
    },
  }
}

function asking(client: Client, place: string): {
  ask: (question: Question, accept?: readonly number[]) => Promise<Answer>
  json: (question: Question) => Promise<unknown>
  optional: (path: string) => Promise<unknown>
} {
  const ask = async (question: Question, accept: readonly number[] = []): Promise<Answer> => {
    const answer = await client.ask(question)
    // 304: it is so already.
    if ((answer.status >= 200 && answer.status < 300) || answer.status === 304 || accept.includes(answer.status)) return answer
    throw refused(place, answer.status, answer.body)
  }
  return {
    ask,
    json: async (question) => JSON.parse((await ask(question)).body.toString()) as unknown,
    async optional(path) {
      const answer = await ask({ method: 'GET', path }, [404])
      return answer.status === 404 ? undefined : (JSON.parse(answer.body.toString()) as unknown)
    },
  }
}

function created({ image, argv, network, volumes }: NewContainer): object {
  return {
    Image: image, Entrypoint: argv, Cmd: [], OpenStdin: true,
    HostConfig: { ...(network === undefined ? {} : { NetworkMode: network }), ...(volumes === undefined ? {} : { Binds: volumes }) },
  }
}
