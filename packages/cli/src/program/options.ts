import type { SecretsFileOptions } from '../secrets/files.ts'
import type { KeyType } from '../secrets/keys/key-type.ts'

/** Options of a run, as `apply` and `exec` take them. */
export interface TargetOptions {
  chobolo?: string
  fleet?: boolean
  limit?: string[]
  json?: boolean
  verbose: number
  sudo?: boolean
  sudoPasswordFile?: string
  sudoPasswordStdin?: boolean
  timeout?: number
  parallelism?: number
}

export interface ApplyOptions extends TargetOptions, SecretsFileOptions {
  dry?: boolean
  diff?: boolean
  yes?: boolean
  serial?: boolean
  wait: boolean
  maxRemovals?: number
  /** Seconds. */
  guard?: number
  detailedExitcode?: boolean
  secrets?: boolean
}

export interface SecretsReadOptions extends SecretsFileOptions {
  /** The config of sops instead. */
  sops?: boolean
  json?: boolean
  values?: boolean
}

export interface SecretsListOptions extends SecretsFileOptions {
  json?: boolean
  values?: boolean
}

export interface RotateOptions extends SecretsFileOptions {
  index?: number
  create?: boolean
  update?: boolean
  keyserver?: string
}

export interface ShamirOptions extends SecretsFileOptions {
  update?: boolean
  yes?: boolean
}

export interface InitSecretsOptions extends SecretsFileOptions {
  yes?: boolean
  recipient?: string[]
}

export interface SecretsEditOptions extends SecretsFileOptions {
  sops?: boolean
  allowDisk?: boolean
}

export interface SecretsExportOptions {
  keyType: KeyType
  itemName: string
  keyFile?: string
  fingerprints?: string[]
  vaultAddr?: string
  import: boolean
  saveToConfig?: boolean
}

export interface SecretsImportOptions {
  keyType: KeyType
  itemId: string
  output?: string
  yes?: boolean
}

export interface StyxOptions {
  registry?: string
  installed?: boolean
  yes?: boolean
  json?: boolean
}

export interface TrustOptions {
  chobolo?: string
  yes?: boolean
  json?: boolean
}

export interface CheckOptions {
  chobolo?: string
  status?: boolean
  secretsFile?: string
  json?: boolean
}

export interface ExplainOptions {
  chobolo?: string
  details: string
  complexity: string
  pretty: boolean
  json?: boolean
}

export interface InitOptions {
  chobolo?: string
  template?: boolean
  human?: boolean
}
