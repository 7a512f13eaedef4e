import { issuePath } from '@chaos/core'
import type { Schema, SchemaIssue } from '@chaos/core'
import type { Chobolo } from './chobolo.ts'
import { explainIssue } from './explain-issue.ts'
import type { Problem } from './problem.ts'
import type { Resolved } from './resolve.ts'

export interface Validation {
  /** What the schemas made of the values: defaults filled in. Only of keys without problems. */
  readonly desired: Readonly<Record<string, unknown>>
  readonly problems: readonly Problem[]
}

/** What libraries tell beyond the standard; zod's issues carry it. */
export type RichIssue = SchemaIssue & {
  readonly code?: string
  readonly expected?: string
  readonly keys?: readonly string[]
  readonly values?: readonly unknown[]
  readonly options?: readonly unknown[]
  readonly errors?: readonly (readonly RichIssue[])[]
  readonly inclusive?: boolean
}

/** Validates what {@link Chobolo.resolve} gave by the schemas of a role's keys. Problems have the places where the values are written. */
export async function validateSlice(chobolo: Chobolo, schemas: Readonly<Record<string, Schema>>, values: Resolved): Promise<Validation> {
  const desired: Record<string, unknown> = {}
  const problems: Problem[] = []
  for (const [key, schema] of Object.entries(schemas)) {
    const result = await schema['~standard'].validate(values[key])
    if (!result.issues) {
      if (result.value !== undefined) desired[key] = result.value
      continue
    }
    for (const issue of flatten(result.issues, [], values[key])) {
      const path = [key, ...issuePath(issue)]
      problems.push(explainIssue(issue, path, at(values, path), schema, (below) => chobolo.origin(values, [...path, ...below])))
    }
  }
  return { desired, problems }
}

/** Issues of a union are those of the one alternative that nearly fits; where none does, the union's own. */
function flatten(issues: readonly RichIssue[], prefix: readonly (string | number)[], value: unknown): RichIssue[] {
  return issues.flatMap((issue) => {
    const path = [...prefix, ...issuePath(issue)]
    const inner = at(value, issuePath(issue))
    const nearly = (issue.errors ?? []).filter((each) => !each.some((one) => issuePath(one).length === 0 && one.code !== 'unrecognized_keys'))
    const [best] = nearly.toSorted((a, b) => a.length - b.length)
    return best ? flatten(best, path, inner) : [{ ...issue, path }]
  })
}

function at(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, key) => (typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key) ? (inner as Record<string | number, unknown>)[key] : undefined), value)
}
