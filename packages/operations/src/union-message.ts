interface Issue {
  readonly code?: string | undefined
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/**
 * The `error` of a union: what is wrong by the alternative that was meant, which is the one of the value's own type; where none is,
 * the sentence that is given here.
 */
export function meantOr(otherwise: string): (issue: { readonly errors?: unknown }) => string {
  return ({ errors }) => {
    const meant = ((errors ?? []) as readonly (readonly Issue[])[]).find((each) => !each.some(({ code, path }) => code === 'invalid_type' && path.length === 0))
    return meant?.[0]?.message ?? otherwise
  }
}
