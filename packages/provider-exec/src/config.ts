import * as z from '@chaos/operations/zod'

/** Where the reference goes in the command. */
export const PLACE = '{reference}'

export const config = z.strictObject({
  command: z
    .array(z.string().regex(/^[^\0]*$/, 'an argument has no NUL'), { error: 'the command is a list: [program, argument, …]' })
    .min(1, 'the command is empty')
    .refine(([program]) => program !== '' && !program?.includes(PLACE), 'the first of the list is a program, and not part of a secret’s name')
    .describe('The program and its arguments; no shell is between. `{reference}` in them becomes the reference; without it the reference is the last argument.'),
  timeout: z.number().positive().max(3600).optional().describe('Seconds the program may take. Default 30.'),
})

export interface ExecConfig {
  command: readonly string[]
  timeout?: number
}

/** The program with its arguments for a reference. */
export function argvFor(command: readonly string[], reference: string): string[] {
  return command.some((each) => each.includes(PLACE)) ? command.map((each) => each.replaceAll(PLACE, () => reference)) : [...command, reference]
}
