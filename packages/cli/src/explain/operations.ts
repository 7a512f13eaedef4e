import type { Page } from '@chaos/core'
import { OPERATION_OPTIONS } from './operation-options.ts'
import { referenceOf } from './reference.ts'
import type { FactReference, OperationReference } from './reference.ts'
import { fieldRow } from './schema-rows.ts'

/** What an operation does when it runs, by whether it compares. */
export const ACTIONS: Readonly<Record<OperationReference['action'], string>> = {
  always: 'It always does something: the plan marks it, and nothing is compared afterwards.',
  never: 'It is compared with the host first; when it is already so, nothing runs. What was changed is looked at again.',
  'by its arguments': 'With some arguments it always does something, and the plan marks it; otherwise it is compared with the host first, and when it is already so, nothing runs.',
}

/** Pages of all operations of @chaos/operations by their full names, one of the options they share, and one of the facts. */
export async function operationPages(): Promise<Record<string, Page>> {
  const { operations, facts } = referenceOf(await import('@chaos/operations'))
  return { ...Object.fromEntries(operations.map((each) => [each.name, operationPage(each)])), options: optionsPage(), facts: factsPage(facts) }
}

function operationPage({ name, aliases, about, fields, example, action, touches }: OperationReference): Page {
  return {
    concept: aliases.length === 0 ? name : `${name}, also ${aliases.join(', ')}`,
    what: about,
    ...(fields.length > 0 && { arguments: fields.map(fieldRow) }),
    options: `${Object.keys(OPERATION_OPTIONS).join(', ')}: chaos explain operations.options`,
    how: ACTIONS[action],
    ...(example !== undefined && { examples: [{ text: `yield ${example}` }] }),
    touches: touches === undefined ? 'Anything: all that was known of the host is asked again after it.' : touches.length === 0 ? 'Nothing.' : `In the example: ${touches.join(', ')}.`,
  }
}

function optionsPage(): Page {
  return {
    concept: 'Options of operations',
    what: 'Every operation takes these as its second argument.',
    options: Object.entries(OPERATION_OPTIONS).map(([name, { type, description }]) => `${name} (${type}): ${description}`),
    examples: [{ text: "const conf = yield* files.put({ path: '/etc/app.conf', content: 'a' }, { root: true })\nyield systemd.service({ name: 'app', state: 'restarted' }, { root: true, ifChanged: conf })" }],
  }
}

function factsPage(facts: readonly FactReference[]): Page {
  return {
    concept: 'Facts',
    what: 'A fact is one thing to know about a host. Those that are asked together travel together, and are remembered until a change makes them stale.',
    facts: facts.map(({ name, about }) => `${name}${about === undefined ? '' : `: ${about}`}`),
    examples: [{ text: "const found = await host.fact(facts.stat('/etc/hosts'))" }],
  }
}
