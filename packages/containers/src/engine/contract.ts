import type { Process, Secret } from '@chaos/core'

/**
 * What the connectors need of a container engine: Docker's over its socket, podman's through its program.
 * Everything else (finding, starting, committing, ending processes) is written once on top of it.
 */
export interface Engine {
  /** The program that people use with it, for hints: `docker`. The prefix of its keys, too. */
  readonly program: string
  /** A container by name, id or the beginning of an id; undefined = there is none. */
  container(reference: string): Promise<ContainerState | undefined>
  /** An image by name or id; undefined = it is not here. */
  image(reference: string): Promise<ImageState | undefined>
  /** Fetches an image from its registry. */
  pull(image: string, options: { readonly platform?: string | undefined; readonly signal: AbortSignal }): Promise<void>
  /** Makes a container and starts it; gives its id. What could not be started is removed. */
  run(container: NewContainer): Promise<string>
  start(id: string): Promise<void>
  /** Stops it as the engine does by itself: its stop signal, and KILL after its time. */
  stop(id: string): Promise<void>
  /** Removes it with its anonymous volumes, also while it runs. One that is gone is no error. */
  remove(id: string): Promise<void>
  /** Runs a program in a container. `exit` rejects when the engine cannot be reached any more, or has forgotten it. */
  exec(id: string, options: ExecOptions): Promise<Process>
  /** Makes an image of a container, which starts what `image` starts; gives its id. */
  commit(id: string, options: { readonly image: ImageState; readonly name: string | undefined }): Promise<string>
  /** The last lines of what a container has printed. */
  log(id: string, lines: number): Promise<readonly string[]>
  close(): Promise<void>
}

export interface ContainerState {
  readonly id: string
  readonly name: string
  readonly running: boolean
  readonly paused: boolean
  /** Its exit code, when it is not running. */
  readonly code: number
}

export interface ImageState {
  readonly id: string
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
}

export interface NewContainer {
  readonly name: string
  readonly image: string
  /** The main program, instead of the image's entrypoint and command. Its stdin stays open. */
  readonly argv: readonly [string, ...string[]]
  /** `linux/arm64`. */
  readonly platform?: string | undefined
  /** A network's name, `host` or `none`. */
  readonly network?: string | undefined
  /** `/on/the/engine:/in/the/container:ro`. */
  readonly volumes?: readonly string[] | undefined
}

export interface ExecOptions {
  readonly argv: readonly [string, ...string[]]
  /** Default false. */
  readonly terminal?: boolean | undefined
  /** A name or number, also `user:group`. Default: that of the container. */
  readonly user?: string | undefined
  /** Added to the container's. Must not be seen in a program's arguments or a log. */
  readonly env?: Readonly<Record<string, string | Secret>> | undefined
}
