import { brand, isKind } from './brand.ts'
import type { Branded } from './brand.ts'
import { ChaosError } from './errors.ts'

/** The property under which a Secret keeps its text; read by {@link revealSecret} alone. */
const REVEAL = '~reveal'
const SHOWN = '***'

/**
 * A value that must never be shown. It prints as `***` to inspect and JSON, and throws when it is
 * turned into text, so that it cannot be concatenated by accident. Work with it through
 * {@link secretText} and {@link Secret.map}; the result stays secret. The engine alone reveals.
 */
export interface Secret extends Branded<'secret'> {
  /** A new Secret made of this one's text. */
  map(change: (text: string) => string): Secret
  toJSON(): string
}

/** Makes a Secret of a plain text. */
export function secret(text: string): Secret {
  const value = {
    map: (change: (text: string) => string) => secret(change(text)),
    toJSON: () => SHOWN,
    toString: refuse,
    valueOf: refuse,
    [Symbol.toPrimitive]: refuse,
    [Symbol.for('nodejs.util.inspect.custom')]: () => SHOWN,
  }
  for (const key of Reflect.ownKeys(value)) Object.defineProperty(value, key, { enumerable: false })
  Object.defineProperty(value, REVEAL, { value: () => text })
  return Object.freeze(brand('secret', value))
}

function refuse(): never {
  throw new ChaosError('SECRET_AS_TEXT', {
    message: 'A secret was turned into plain text.',
    hint: 'Build texts that hold a secret with secretText`…` or secret.map(…); the result stays secret.',
  })
}

export function isSecret(value: unknown): value is Secret {
  return isKind(value, 'secret')
}

/** A text with secrets in it is itself a secret: secretText`password=${password}`. */
export function secretText(strings: TemplateStringsArray, ...values: (string | number | Secret)[]): Secret {
  return secret(String.raw({ raw: strings }, ...values.map((value) => (isSecret(value) ? revealSecret(value) : value))))
}

/**
 * The plain text of a secret. For the engine, which sends it to a host and tells its redactor.
 * A plugin that calls it is refused in review.
 */
export function revealSecret(value: Secret): string {
  return (value as unknown as { [REVEAL]: () => string })[REVEAL]()
}
