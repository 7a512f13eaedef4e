import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

interface Message {
  id?: number
  method?: string
  params?: unknown
  result?: unknown
  error?: { message: string }
}

export interface Diagnostic {
  message: string
  range: { start: { line: number; character: number } }
}

/** The defaults, but that no list of schemas is fetched from elsewhere. */
const SETTINGS = { schemaStore: { enable: false }, validate: true, hover: true, completion: true }

/** An editor with one YAML file open, as far as its language server can tell. */
export interface Editor {
  /** Opens a text, beside the Ch-obolo, in place of the one before. Resolves with what the server says is wrong in it. */
  type(text: string): Promise<readonly Diagnostic[]>
  /** Labels of what it offers at a place; lines and characters count from 0. */
  complete(line: number, character: number): Promise<string[]>
  hover(line: number, character: number): Promise<string>
  close(): Promise<void>
}

/** Starts yaml-language-server over stdio, as editors do, in a folder. It is told of no schema: the modeline of a text must do. */
export async function startEditor(directory: string): Promise<Editor> {
  const manifest = createRequire(import.meta.url).resolve('yaml-language-server/package.json')
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: Record<string, string> }
  const child = spawn(process.execPath, [path.join(path.dirname(manifest), bin['yaml-language-server'] as string), '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const folder = pathToFileURL(directory).href
  let uri = ''
  const waiting = new Map<number, (message: Message) => void>()
  let diagnosed: ((found: readonly Diagnostic[]) => void) | undefined
  let sent = 0
  let configured = (): void => {}
  const ready = new Promise<void>((resolve) => (configured = resolve))

  const send = (message: Message): void => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message })
    child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }
  const request = async <T>(method: string, params: unknown): Promise<T> => {
    const id = ++sent
    const answer = new Promise<Message>((resolve) => waiting.set(id, resolve))
    send({ id, method, params })
    const { result, error } = await answer
    if (error) throw new Error(`${method}: ${error.message}`)
    return result as T
  }

  function receive(message: Message): void {
    const { id, method, params } = message
    if (id !== undefined && method === undefined) waiting.get(id)?.(message)
    else if (method === 'workspace/configuration') {
      send({ id: id as number, result: (params as { items: { section: string }[] }).items.map(({ section }) => (section === 'yaml' ? SETTINGS : null)) })
      configured()
    }
    else if (id !== undefined) send({ id, result: null })
    else if (method === 'textDocument/publishDiagnostics' && (params as { uri: string }).uri === uri) diagnosed?.((params as { diagnostics: Diagnostic[] }).diagnostics)
  }

  let buffer = Buffer.alloc(0)
  child.stdout.on('data', (bytes: Buffer) => {
    buffer = Buffer.concat([buffer, bytes])
    for (;;) {
      const end = buffer.indexOf('\r\n\r\n')
      const length = Number(/Content-Length: (\d+)/.exec(buffer.subarray(0, end).toString())?.[1])
      if (end === -1 || buffer.length < end + 4 + length) return
      const body = buffer.subarray(end + 4, end + 4 + length).toString()
      buffer = buffer.subarray(end + 4 + length)
      receive(JSON.parse(body) as Message)
    }
  })

  await request('initialize', {
    processId: process.pid, rootUri: folder, workspaceFolders: [{ uri: folder, name: 'machines' }],
    capabilities: { workspace: { configuration: true, workspaceFolders: true }, textDocument: { completion: {}, hover: { contentFormat: ['markdown'] }, publishDiagnostics: {} } },
  })
  send({ method: 'initialized', params: {} })
  await ready

  const at = (line: number, character: number): object => ({ textDocument: { uri }, position: { line, character } })
  return {
    type(text) {
      const found = new Promise<readonly Diagnostic[]>((resolve) => (diagnosed = resolve))
      // One of its own each time: the server does not say which version of a text it complains of.
      uri = `${folder}/ch-obolo-${++sent}.yml`
      send({ method: 'textDocument/didOpen', params: { textDocument: { uri, languageId: 'yaml', version: 1, text } } })
      return found
    },
    async complete(line, character) {
      const { items } = await request<{ items: { label: string }[] }>('textDocument/completion', at(line, character))
      return items.map(({ label }) => label)
    },
    async hover(line, character) {
      const answer = await request<{ contents: { value: string } } | null>('textDocument/hover', at(line, character))
      return answer?.contents.value ?? ''
    },
    async close() {
      const ended = new Promise((resolve) => child.once('close', resolve))
      await request('shutdown', null)
      send({ method: 'exit' })
      await ended
    },
  }
}
