/** What OpenSSH's configuration says of a host, in the shape of `ssh -G`: keys in lower case, their values in order, defaults included. */
export type Configuration = ReadonlyMap<string, readonly string[]>

/** What follows `ssh` on a command line. */
export interface Lookup {
  readonly name: string
  readonly user: string | undefined
  readonly port: number | undefined
  /** Instead of the user's and the system's; `none` = nothing is read. */
  readonly file: string | undefined
}

/** How messages name the file. */
export function fileOf({ file }: Lookup): string {
  return file ?? '~/.ssh/config'
}
