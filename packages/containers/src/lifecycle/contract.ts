import type { Secret } from '@chaos/core'

/** What a host's data say of its container; all of it has been validated. */
export interface ContainerOptions {
  /** `name:tag` of the image made at the end; false = none is made. Not given = one without a name, whose id is reported. */
  readonly commit?: string | false | undefined
  /** Whether a container that was stopped stays running afterwards. Default false. */
  readonly keepRunning?: boolean | undefined
  readonly platform?: string | undefined
  readonly network?: string | undefined
  readonly volumes?: readonly string[] | undefined
  readonly env?: Readonly<Record<string, string | Secret>> | undefined
  /** Default `missing`. */
  readonly pull?: 'missing' | 'always' | 'never' | undefined
  /** Who runs the commands. Default: whom the container names. */
  readonly user?: string | undefined
}
