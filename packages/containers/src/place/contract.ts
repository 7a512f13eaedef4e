/** Where a container engine listens. */
export type EnginePlace =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls?: TlsFiles | undefined }
  /** On the machine that this ssh reaches; `path` is its socket there. */
  | { readonly kind: 'ssh'; readonly host: string; readonly port?: number | undefined; readonly user?: string | undefined; readonly path: string | undefined }

export interface TlsFiles {
  /** Files of this machine; one that is not there is not used. */
  readonly ca: string
  readonly cert: string
  readonly key: string
  /** Whether the engine must show a certificate of the authority. */
  readonly verify: boolean
}
