import { KINDS, namesOf } from './kinds.ts'
import type { Kind } from './kinds.ts'

/** Asks for what the command line did not say; undefined when the person went away. */
export async function ask(name: string | undefined, kind: Kind | undefined): Promise<{ name: string; kind: Kind | undefined } | undefined> {
  const { isCancel, select, text } = await import('@clack/prompts')
  // A package's whole name may say the kind itself.
  const known = kind !== undefined || (name !== undefined && typeof namesOf(name, undefined) === 'object')
  const chosen = known
    ? kind
    : await select({ message: 'What does it do?', options: Object.entries(KINDS).map(([value, hint]) => ({ value: value as Kind, label: value, hint })) })
  if (isCancel(chosen)) return undefined
  if (name !== undefined) return { name, kind: chosen }
  const answer = await text({
    message: 'What is it called?',
    placeholder: 'motd',
    validate(value) {
      const names = namesOf(value ?? '', chosen)
      return typeof names === 'string' ? names : undefined
    },
  })
  return isCancel(answer) ? undefined : { name: answer, kind: chosen }
}
