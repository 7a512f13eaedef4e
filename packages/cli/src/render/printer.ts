/** Writes lines while a few others are redrawn at the bottom of the screen. */
export interface Printer {
  /** Results. */
  out(lines: readonly string[]): void
  /** Everything else. */
  err(lines: readonly string[]): void
}

/** What stands at the bottom of the screen and is redrawn. */
export interface Live {
  /** Takes it away, so that lines can be written; it comes back with the next frame. */
  clear(): void
  /** Starts or goes on redrawing. */
  start(): void
  /** Takes it away for good, or until the next start. */
  stop(): void
}

export function makePrinter({ live, stdout = process.stdout, stderr = process.stderr }: {
  live?: Live
  stdout?: { write(text: string): unknown }
  stderr?: { write(text: string): unknown }
}): Printer {
  const to = (stream: { write(text: string): unknown }) => (lines: readonly string[]): void => {
    if (lines.length === 0) return
    live?.clear()
    stream.write(`${lines.join('\n')}\n`)
  }
  return { out: to(stdout), err: to(stderr) }
}
