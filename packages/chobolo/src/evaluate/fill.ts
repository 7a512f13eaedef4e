import { isSecret, secretText } from '@chaos/core'
import type { Secret } from '@chaos/core'
import { parseTemplate } from '../expression.ts'
import type { CallReference, Reference, Template } from '../expression.ts'
import { MAX_TEXT } from '../limits.ts'
import type { Place } from '../place.ts'
import { callResolver } from '../resolvers.ts'
import type { ScalarNode } from '../tree.ts'
import type { Done, Pass } from './contract.ts'
import { cut } from './failure.ts'
import { createPaths } from './paths.ts'

/** Fills templates: what stands between their pieces is looked up, or a resolver is asked for it. */
export function createFill(pass: Pass): (template: Template, place: Place, node: ScalarNode) => Done {
  const { scope, failures: { fail }, postpone } = pass
  const paths = createPaths(pass, textOf)
  return fill

  /** A template with one reference and nothing else keeps the type of what it refers to. */
  function fill(template: Template, place: Place, node: ScalarNode): Done {
    if (template.length === 1 && typeof template[0] === 'object') return refer(template[0], place, node)
    let usesHost = false
    let length = 0
    let hidden: Secret | undefined
    let text = ''
    for (const piece of template) {
      const done = typeof piece === 'string' ? { value: piece, usesHost: false } : refer(piece, place, node)
      usesHost ||= done.usesHost
      if (isSecret(done.value)) {
        hidden = hidden ? secretText`${hidden}${text}${done.value}` : secretText`${text}${done.value}`
        text = ''
        continue
      }
      const part = asText(done.value, piece as Reference, node)
      length += part.length
      if (length > MAX_TEXT) throw fail(node, 'INTERPOLATION_SIZE', `Interpolation makes a text of more than ${MAX_TEXT} characters.`, 'Keep large texts in files.')
      text += part
    }
    return { value: hidden ? secretText`${hidden}${text}` : text, size: 1, usesHost }
  }

  function refer(reference: Reference, place: Place, node: ScalarNode): Done {
    if (reference.kind === 'call') return call(reference, place, node)
    const found = paths.look(reference, place, node)
    if (found) return found
    throw paths.missing(reference, place, node)
  }

  function call(reference: CallReference, place: Place, node: ScalarNode): Done {
    let usesHost = false
    const value = callResolver(reference, {
      env: scope.env,
      value(argument) {
        const done = fill(argument, place, node)
        usesHost ||= done.usesHost
        return done.value
      },
      select(text) {
        const inner = parseTemplate(`\${${text}}`)
        const path = 'failure' in inner ? undefined : inner[0]
        if (typeof path !== 'object' || path.kind !== 'path') return undefined
        const target = paths.reached(path, place)
        if (target && target.node.kind === 'scalar' && target.node.value === '???') return undefined
        const done = paths.look(path, place, node)
        if (done) usesHost ||= done.usesHost
        return done
      },
      secret(name, key) {
        const found = scope.secret(name, key)
        if (isSecret(found)) return found
        if (found) throw fail(node, found.code, found.message, found.hint ?? '')
        postpone()
        return undefined
      },
      fail: (code, message, hint) => fail(node, code, message, hint, Math.max(0, (node.value as string).indexOf(reference.text))),
    })
    return { value, size: 1, usesHost }
  }

  function textOf(template: Template, place: Place, node: ScalarNode): { text: string; usesHost: boolean } {
    const { value, usesHost } = fill(template, place, node)
    if (typeof value === 'string' || typeof value === 'number') return { text: String(value), usesHost }
    throw fail(node, 'INTERPOLATION_KEY', `In \`${cut(node.value as string)}\` a name is made of ${isSecret(value) ? 'a secret' : 'something that is no text'}.`, 'Refer to a text or a number inside of a reference.')
  }

  function asText(value: unknown, reference: Reference, node: ScalarNode): string {
    if (typeof value !== 'object') return `${value as string | number | boolean}`
    if (value === null) return 'null'
    throw fail(node, 'INTERPOLATION_TEXT', `\`${reference.text}\` is a ${Array.isArray(value) ? 'list' : 'map'}, which cannot stand inside a text.`, 'Let the reference be the whole value, or refer to one of its parts.')
  }
}
