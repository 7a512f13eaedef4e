/** What ssh asks for. `other`: nothing that chaos answers, a host key's confirmation above all. */
export type Question = { readonly kind: 'password' } | { readonly kind: 'passphrase'; readonly key: string } | { readonly kind: 'other' }

const PASSPHRASE = /^Enter passphrase for (?:key )?'?(.+?)'?: ?$/
/** `ana@db1's password: `, or what a server writes itself in keyboard-interactive, which newer versions put `(ana@db1) ` in front of. */
const PASSWORD = /^(?:\(\S+@\S+\) )?(?:\S+@\S+'s )?password(?: for \S+)?: ?$/i

/** Tells ssh's questions apart by their text. `hint` is SSH_ASKPASS_PROMPT: set for what wants a yes, or nothing but to be seen. */
export function question(hint: string, text: string): Question {
  if (hint !== '') return { kind: 'other' }
  const key = PASSPHRASE.exec(text)?.[1]
  if (key !== undefined) return { kind: 'passphrase', key }
  return { kind: PASSWORD.test(text) ? 'password' : 'other' }
}
