import type { ContainerState, ImageState } from './contract.ts'

/** A container, as Docker and podman describe it. */
export interface InspectedContainer {
  readonly Id: string
  readonly Name: string
  readonly State: { readonly Running: boolean; readonly Paused: boolean; readonly ExitCode: number }
}

/** An image, as both describe it. */
export interface InspectedImage {
  readonly Id: string
  readonly Config: { readonly Entrypoint?: readonly string[] | null; readonly Cmd?: readonly string[] | null } | null
}

export function containerState({ Id, Name, State }: InspectedContainer): ContainerState {
  return { id: Id, name: Name.replace(/^\//, ''), running: State.Running, paused: State.Paused, code: State.ExitCode }
}

export function imageState({ Id, Config }: InspectedImage): ImageState {
  return { id: Id, entrypoint: Config?.Entrypoint ?? [], command: Config?.Cmd ?? [] }
}
