/** YAML that is no Ch-obolo, as a config is. Read here, so that an installation has one copy of the parser. */
export interface PlainYaml {
  /** Undefined for a text that holds nothing. */
  value: unknown
  /** The first mistake; then the value means nothing. */
  mistake?: { message: string; line?: number; column?: number }
  /** The text with one key changed, by its path from the root, and everything else, comments too, as it is. What stands in the way and is no map becomes one. */
  with(path: readonly string[], value: unknown): string
}

export async function plainYaml(text: string): Promise<PlainYaml> {
  const { isMap, parseDocument } = await import('yaml')
  const document = parseDocument(text)
  const [error] = document.errors
  if (error) {
    const [position] = error.linePos ?? []
    const mistake = { message: error.message.split('\n')[0] as string, ...(position && { line: position.line, column: position.col }) }
    return { value: undefined, mistake, with: () => text }
  }
  return {
    value: (document.toJS() as unknown) ?? undefined,
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
