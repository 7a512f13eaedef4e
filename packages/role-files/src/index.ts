import { defineRole } from '@chaos/core'
import type { Op, OperationOptions } from '@chaos/core'
import { files } from '@chaos/operations'
import { keys, stateOf } from './keys.ts'
import type { Item } from './keys.ts'

/**
 * Files, directories, links and templates, declared in one list. What is no longer declared stays where it is:
 * a file may hold what cannot be had again, so taking one away is always said (`state: absent`).
 */
export default defineRole({
  about: 'Files, directories, links and templates.',
  keys,
  // Each item is compared by its own operation, all of them in one exchange: looking here too would cost another.
  context: ({ desired }) => desired.files,
  delta: (items) => ({ change: items }),
  plan: ({ change }) => change.map(operationOf),
})

export { keys }

function operationOf(item: Item): Op {
  const { path, owner, group, mode } = item
  const options: OperationOptions = item.sudo === undefined ? {} : { sudo: item.sudo }
  const ownership = { ...(owner === undefined ? {} : { owner }), ...(group === undefined ? {} : { group }) }
  const attributes = { ...ownership, ...(mode === undefined ? {} : { mode }) }
  switch (stateOf(item)) {
    case 'absent':
      return files.file({ path, present: false, force: true }, options)
    case 'directory':
      return files.directory({ path, ...attributes }, options)
    case 'link':
      return files.link({ path, target: item.target ?? '', ...ownership }, options)
    case 'file':
      return fileOf(item, attributes, options)
  }
}

function fileOf({ path, content, source, template, vars = {} }: Item, attributes: Record<string, string>, options: OperationOptions): Op {
  if (template !== undefined) return files.template({ path, src: template, vars, ...attributes }, options)
  if (source !== undefined) return files.put({ path, src: source, ...attributes }, options)
  if (content !== undefined) return files.put({ path, content, ...attributes }, options)
  return files.file({ path, ...attributes }, options)
}
