import { isChaosError, script, sh } from '@chaos/core'
import type { Command, Connection } from '@chaos/core'
import { containerState, imageNotPulled, imageState } from '@chaos/containers'
import type { Engine, InspectedContainer, InspectedImage, NewContainer } from '@chaos/containers'
import type { AtOnce } from './at-once.ts'
import { exec } from './exec.ts'
import { asking } from './program.ts'
import type { Ask } from './program.ts'

/** `podman … exists` of what is not there. */
const MISSING = 1
const PROGRAM = 'podman'

export interface PodmanOptions {
  /** Where it runs. */
  readonly base: Pick<Connection, 'spawn'>
  /** The program with the options that all its commands take. */
  readonly podman: Command
  /** What it is to people: `podman of this machine`. */
  readonly place: string
  /** Runs what its commands are. Programs in containers are none of them. Default: all at once. */
  readonly programs?: AtOnce | undefined
}

/** Podman through its program, which goes wherever a shell goes. */
export function podmanEngine({ base, podman, place, programs = (work) => work() }: PodmanOptions): Engine {
  const askAtOnce = asking(base, place)
  const ask: Ask = (...asked) => programs(() => askAtOnce(...asked))

  /** What `podman KIND inspect` tells, undefined if there is none: it gives the same code for that as for every failure, in words of its version. */
  async function inspect(kind: 'container' | 'image', reference: string): Promise<unknown> {
    const none = script(`code=$?; [ $code -ne 0 ] || code=125; exit $code`)
    const { code, stdout } = await ask(sh`${podman} ${kind} inspect -- ${reference} || { ${podman} ${kind} exists -- ${reference}; ${none}; }`, { accept: MISSING })
    return code === MISSING ? undefined : (JSON.parse(stdout) as [unknown])[0]
  }

  return {
    program: PROGRAM,
    async container(reference) {
      const found = (await inspect('container', reference)) as InspectedContainer | undefined
      return found && containerState(found)
    },
    async image(reference) {
      const found = (await inspect('image', reference)) as InspectedImage | undefined
      return found && imageState(found)
    },
    async pull(image, { platform, signal }) {
      await ask(sh`exec ${podman} pull --quiet ${option('--platform', platform)} -- ${image}`, { signal }).catch((error: unknown) => {
        throw isChaosError(error) && error.code === 'ENGINE_ANSWER' ? imageNotPulled(PROGRAM, image, String(error.details?.['reason'])) : error
      })
    },
    async run(container) {
      const remove = sh`${podman} rm --force --volumes --ignore --time 0 -- ${container.name}`
      const { stdout } = await ask(sh`${podman} run ${runOptions(container)} -- ${container.image} || { code=$?; ${remove} >/dev/null 2>&1; exit $code; }`)
      return stdout.trim()
    },
    start: async (id) => void (await ask(sh`exec ${podman} start -- ${id}`)),
    stop: async (id) => void (await ask(sh`exec ${podman} stop --ignore -- ${id}`)),
    remove: async (id) => void (await ask(sh`exec ${podman} rm --force --volumes --ignore --time 0 -- ${id}`)),
    exec: (id, options) => exec({ base, podman, id, options }),
    async commit(id, { image, name }) {
      // Without these two the image would start what kept the container alive. The format is kept: health checks are of one of them only.
      const changes = [`ENTRYPOINT ${JSON.stringify(image.entrypoint)}`, `CMD ${JSON.stringify(image.command)}`].flatMap((change) => ['--change', change])
      const type = sh`$(${podman} image inspect --format '{{.ManifestType}}' -- ${image.id})`
      const { stdout } = await ask(
        sh`case ${type} in *docker*) format=docker ;; *) format=oci ;; esac; exec ${podman} commit --quiet --format $format ${changes} -- ${id} ${name ?? []}`,
      )
      return stdout.trim()
    },
    async log(id, lines) {
      const { stdout } = await ask(sh`exec ${podman} logs --tail ${lines} -- ${id} 2>&1`)
      return stdout.split(/\r?\n/).map((line) => line.trimEnd()).filter(Boolean).slice(-lines)
    },
    async close() {},
  }
}

function runOptions({ name, argv, platform, network, volumes = [] }: NewContainer): string[] {
  return [
    '--detach', '--interactive', '--pull', 'never', '--name', name, '--entrypoint', JSON.stringify(argv),
    ...option('--platform', platform), ...option('--network', network), ...volumes.flatMap((volume) => ['--volume', volume]),
  ]
}

function option(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [name, value]
}
