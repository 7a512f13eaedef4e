import { ChaosError, secret } from '@chaos/core'
import type { Secret } from '@chaos/core'

/** Whether somebody is there to answer: questions are shown on stderr and answered on stdin. */
export function canAsk(): boolean {
  return [process.stdin, process.stderr].every((stream) => stream.isTTY)
}

/** A yes or no. Ctrl-C at the question is `undefined`: neither. */
export async function askYesNo(message: string, { initial, signal }: { initial: boolean; signal?: AbortSignal }): Promise<boolean | undefined> {
  const { confirm, isCancel } = await import('@clack/prompts')
  const answer = await confirm({ message, initialValue: initial, ...streams(), ...(signal && { signal }) })
  return isCancel(answer) ? undefined : answer
}

/** A password, not shown. */
export async function askSecret(message: string, { signal }: { signal?: AbortSignal } = {}): Promise<Secret | undefined> {
  const { password, isCancel } = await import('@clack/prompts')
  const answer = await password({ message, ...streams(), ...(signal && { signal }) })
  return isCancel(answer) ? undefined : secret(answer)
}

export async function askText(message: string): Promise<string | undefined> {
  const { text, isCancel } = await import('@clack/prompts')
  const answer = await text({ message, ...streams() })
  return isCancel(answer) ? undefined : answer
}

function streams(): { input: NodeJS.ReadStream; output: NodeJS.WriteStream; withGuide: boolean } {
  if (!canAsk()) throw new ChaosError('NO_TERMINAL', { message: 'There is a question, and no terminal to ask it on.', hint: 'Every question has a flag: see `chaos apply --help`.' })
  return { input: process.stdin, output: process.stderr, withGuide: false }
}
