import { createConnection } from 'node:net'
import { keyType } from '../../known-hosts/index.ts'

/** A key that an agent holds. */
export interface AgentKey {
  readonly blob: Buffer
  readonly comment: string
  /** False for certificates and FIDO keys, which this transport cannot use. */
  readonly usable: boolean
}

/** Milliseconds an agent may take to list its keys. Signing may wait for a person. */
const PATIENCE = 5000
const REQUEST_IDENTITIES = 11
const IDENTITIES_ANSWER = 12
const LARGEST = 1 << 20
const USABLE = new Set(['ssh-ed25519', 'ssh-rsa', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'])

/** The keys of an agent in its order. Asked by ourselves: ssh2 leaves out what it cannot use, and a refused login should name it. */
export async function listAgent(socket: string): Promise<AgentKey[]> {
  const answer = await request(socket)
  let at = 0
  const number = (): number => answer.readUInt32BE((at += 4) - 4)
  const string = (): Buffer => {
    const length = number()
    if (at + length > answer.length) throw new Error('it answers something else')
    return answer.subarray(at, (at += length))
  }
  const keys: AgentKey[] = []
  for (let left = number(); left > 0; left--) {
    const blob = Buffer.from(string())
    const comment = string().toString()
    keys.push({ blob, comment, usable: USABLE.has(keyType(blob) ?? '') })
  }
  return keys
}

async function request(socket: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const stream = createConnection(socket)
    const late = setTimeout(() => end(new Error('it does not answer')), PATIENCE)
    let heard = Buffer.alloc(0)
    const end = (outcome: Error | Buffer): void => {
      clearTimeout(late)
      stream.destroy()
      if (outcome instanceof Error) reject(outcome)
      else resolve(outcome)
    }
    stream.on('error', end)
    stream.on('close', () => end(new Error('it closed the connection')))
    stream.on('connect', () => stream.write(Buffer.from([0, 0, 0, 1, REQUEST_IDENTITIES])))
    stream.on('data', (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk])
      if (heard.length < 5) return
      const length = heard.readUInt32BE(0)
      if (length > LARGEST || heard[4] !== IDENTITIES_ANSWER) end(new Error('it answers something else'))
      else if (heard.length >= 4 + length) end(heard.subarray(5, 4 + length))
    })
  })
}

/** Lets an agent sign. */
export async function signByAgent(socket: string, blob: Buffer, data: Buffer, hash: string | undefined): Promise<Buffer> {
  const { createAgent } = (await import('ssh2')).default
  const agent = createAgent(socket)
  return new Promise((resolve, reject) => {
    agent.sign(blob, data, hash === undefined ? {} : { hash: hash as 'sha256' }, (error, signature) => {
      if (signature !== undefined && !error) resolve(signature)
      else reject(error ?? new Error('the agent did not sign'))
    })
  })
}
