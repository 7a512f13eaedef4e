/** YAML that is no Ch-obolo, as a config is. Read here, so that an installation has one copy of the parser. */
export interface PlainYaml {
  /** Undefined for a text that holds nothing. */
  value: unknown
  /** The first mistake; then the value means nothing. */
  mistake?: { message: string; line?: number; column?: number }
  /** Where a key stands, or the nearest around it that is there; lines and columns from 1. */
  position(path: readonly PropertyKey[]): { line: number; column: number }
  /** The text with one key changed, by its path from the root, and everything else, comments too, as it is. What stands in the way and is no map becomes one. */
  with(path: readonly string[], value: unknown): string
}

export async function plainYaml(text: string): Promise<PlainYaml> {
  const { LineCounter, isMap, isNode, isPair, isScalar, isSeq, parseDocument } = await import('yaml')
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const [error] = document.errors
  const [start] = error?.linePos ?? []
  const wrong = (message: string): PlainYaml => ({
    value: undefined,
    mistake: { message: message.split('\n')[0] as string, ...(start && { line: start.line, column: start.col }) },
    position: () => ({ line: start?.line ?? 1, column: start?.col ?? 1 }),
    with: () => text,
  })
  if (error) return wrong(error.message)
  let value: unknown
  try {
    value = document.toJS()
  } catch (cause) {
    // Aliases of aliases, which would be more than fits into memory.
    return wrong((cause as Error).message)
  }
  return {
    value: value ?? undefined,
    position(path) {
      let node: unknown = document.contents
      let at = 0
      for (const key of path) {
        const found: unknown = isMap(node) ? node.items.find((pair) => isScalar(pair.key) && pair.key.value === key) : isSeq(node) ? node.items[Number(key)] : undefined
        const start = isPair(found) ? found.key : found
        if (!isNode(start)) break
        at = start.range?.[0] ?? at
        node = isPair(found) ? found.value : found
      }
      const { line, col } = lines.linePos(at)
      return { line, column: col }
    },
    with(path, value) {
      const between = path.slice(0, -1).map((_, index) => path.slice(0, index + 1))
      for (const each of between) if (!isMap(document.getIn(each, true))) document.setIn(each, document.createNode({}))
      document.setIn(path, value)
      return String(document)
    },
  }
}

export async function printYaml(value: unknown): Promise<string> {
  return (await import('yaml')).stringify(value)
}
