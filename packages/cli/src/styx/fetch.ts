export interface Answer extends Pick<Response, 'ok' | 'status' | 'statusText'> {
  readonly headers: { get(name: string): string | null }
  readonly body: AsyncIterable<Uint8Array> | null
}

/**
 * Gets a URL, through the proxy that HTTPS_PROXY or HTTP_PROXY names, if NO_PROXY does not except its host. Node's own fetch knows of no proxy;
 * undici's does, and is loaded only where there is one. Redirections are not followed. `close` once the body was read.
 */
export async function openFetch(env: NodeJS.ProcessEnv = process.env): Promise<{ get(url: string, signal: AbortSignal): Promise<Answer>; close(): Promise<void> }> {
  const http = told(env, 'http_proxy')
  const https = told(env, 'https_proxy') || http
  if (!http && !https) return { get: (url, signal) => fetch(url, { signal, redirect: 'manual' }), close: async () => undefined }
  const { Agent, Dispatcher, ProxyAgent, fetch: through } = await import('undici')
  const direct = new Agent()
  const agents = { 'http:': http ? new ProxyAgent(http) : direct, 'https:': https ? new ProxyAgent(https) : direct }
  const excepted = told(env, 'no_proxy')

  /** By the host of each request. */
  class ByHost extends Dispatcher {
    override dispatch(...[options, handler]: Parameters<InstanceType<typeof Dispatcher>['dispatch']>): boolean {
      const origin = new URL(String(options.origin))
      return (isExcepted(origin, excepted) ? direct : agents[origin.protocol as keyof typeof agents]).dispatch(options, handler)
    }
  }
  const dispatcher = new ByHost()
  return {
    get: (url, signal) => through(url, { signal, dispatcher, redirect: 'manual' }),
    close: async () => void (await Promise.all([...new Set([direct, ...Object.values(agents)])].map((each) => each.destroy()))),
  }
}

/** Programs do not agree on capitals; what is empty was not said. */
function told(env: NodeJS.ProcessEnv, name: string): string {
  return env[name] || env[name.toUpperCase()] || ''
}

/** As curl and npm read NO_PROXY: names with what is below them, perhaps with a port, or a star for all. */
export function isExcepted({ hostname, port, protocol }: URL, list: string): boolean {
  return list.split(/[\s,]+/).filter((each) => each !== '').some((each) => {
    if (each === '*') return true
    const [, name = '', wanted] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(each.toLowerCase()) ?? []
    if (wanted !== undefined && wanted !== (port || (protocol === 'https:' ? '443' : '80'))) return false
    return hostname === name || hostname.endsWith(`.${name}`)
  })
}
