/** A command's file: imported when it runs, and not before. */
export interface CommandFile<G extends unknown[]> {
  run(...given: G): Promise<number>
}

export type Start = <G extends unknown[]>(load: () => Promise<CommandFile<G>>, ...given: G) => Promise<void>
