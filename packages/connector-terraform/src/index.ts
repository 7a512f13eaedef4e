import { ChaosError, defineConnector, nearest } from '@chaos/core'
import type { HostReference } from '@chaos/core'
import { follow } from './follow.ts'
import { hostsOf } from './hosts.ts'
import type { Selected } from './hosts.ts'
import { isMap, listed, readOutputs } from './outputs.ts'
import type { Output } from './outputs.ts'
import { placeOf } from './place.ts'
import { data } from './schema.ts'
import type { Data } from './schema.ts'

/** The output that `@terraform` alone stands for. */
const DEFAULT_OUTPUT = 'hosts'

/** `@terraform/OUTPUT.path`: the hosts that an output of Terraform or OpenTofu names, each over SSH. */
export default defineConnector({
  about: 'Hosts from the outputs of Terraform or OpenTofu, each over SSH: @terraform/OUTPUT, @terraform/OUTPUT.path, or @terraform for the output hosts.',
  data,
  async *hosts(argument, { data: given, run, cache, report }): AsyncGenerator<HostReference> {
    // The host is then also found by the name of the output.
    if (argument === '') return yield { name: `@terraform/${DEFAULT_OUTPUT}` }
    const options = given as Data
    const place = await placeOf(options)
    const outputs = await readOutputs(place, { run, cache })
    const selected = select(outputs, argument, place.directory, options.terraform_show_names === true)
    const hosts = hostsOf(selected)
    if (hosts.length === 0) report({ key: 'terraform', value: selected.path, text: `The output ${selected.path} of ${place.directory} names no hosts.` })
    yield* hosts
  },
})

function select(outputs: ReadonlyMap<string, Output>, argument: string, directory: string, showNames: boolean): Selected {
  const host = `@terraform/${argument}`
  const [name = ''] = argument.split('.', 1)
  const output = outputs.get(name)
  if (output === undefined) {
    const names = [...outputs.keys()].toSorted()
    throw missing(`There is no output "${name}" in ${directory}.`, name, names, `The outputs are: ${listed(names)}.`, host)
  }
  const { sensitive } = output
  if (sensitive && !showNames) {
    throw new ChaosError('TERRAFORM_SENSITIVE', {
      message: `The output ${name} of ${directory} is sensitive, and the names of hosts are shown.`,
      hint: 'Give the hosts in an output that is not sensitive. Or write terraform_show_names: true: names and ssh_ keys are then shown, passwords and all other texts stay secret.',
      host,
    })
  }
  const rest = argument.slice(name.length + 1)
  if (argument === name) return { path: name, value: output.value, sensitive }
  const followed = follow(output.value, rest)
  if (followed.found) return { path: argument, value: followed.value, sensitive }
  // As pyinfra wants it written, which reads the outputs with what surrounds them.
  if (rest === 'value') return { path: name, value: output.value, sensitive }
  if (rest.startsWith('value.')) {
    const inner = follow(output.value, rest.slice('value.'.length))
    if (inner.found) return { path: `${name}.${rest.slice('value.'.length)}`, value: inner.value, sensitive }
  }
  const at = [name, followed.at].filter(Boolean).join('.')
  if (!isMap(followed.value)) throw missing(`The output ${at} of ${directory} is no map, so there is no "${followed.rest}" in it.`, '', [], `Write @terraform/${at}.`, host)
  const keys = Object.keys(followed.value)
  throw missing(`The output ${at} of ${directory} has no "${followed.rest}".`, followed.rest, keys, `It has: ${listed(keys)}.`, host)
}

function missing(message: string, wanted: string, names: readonly string[], there: string, host: string): ChaosError {
  const [near] = nearest(wanted, names)
  return new ChaosError('TERRAFORM_OUTPUT', { message, hint: near === undefined ? there : `Did you mean "${near}"? ${there}`, host, details: { names } })
}
