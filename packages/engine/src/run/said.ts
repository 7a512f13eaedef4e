import type { PartAnswer } from '../session/contract.ts'
import type { Redactor } from '../events/redactor.ts'

type Answered = Extract<PartAnswer, { stdout: Uint8Array }>

/** What a part has printed, without secrets. Of one that was ended, or printed more than is kept, the end is missing, and it may be that of a secret. */
export function said(answer: Answered, stream: 'stdout' | 'stderr', redact: Redactor['redact']): string {
  const text = Buffer.from(answer[stream]).toString()
  const cut = answer.state === 'ended' || answer.dropped > 0
  // Half a character would keep it from being found.
  return cut ? redact(text.replace(/\uFFFD+$/, ''), { cut }) : redact(text)
}
