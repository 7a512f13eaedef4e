import { refused } from '../refused.ts'
import { fitsOne } from './patterns.ts'
import { splitWords } from './words.ts'

/** What the criteria of a Match look at. */
export interface Subject {
  readonly originalhost: string
  /** After HostName. */
  readonly host: string
  readonly user: string
  readonly localuser: string
}

/** Whether a Match line holds. What only OpenSSH can tell is an error, rather than a section that is silently left out. */
export function matches(rest: string, subject: () => Subject, file: string): boolean {
  // `host=web1` and `host web1` are the same.
  const words = splitWords(rest).flatMap((word) => /^(!?[a-z]+)=(.*)$/is.exec(word)?.slice(1) ?? [word])
  let holds = true
  while (words.length > 0) {
    const word = words.shift() as string
    const negated = word.startsWith('!')
    const criterion = word.slice(negated ? 1 : 0).toLowerCase()
    if (criterion === 'all') continue
    const argument = words.shift()
    // Like OpenSSH, which runs no command for a section that is out already.
    if (holds) holds = holdsOne(criterion, argument, subject(), file) !== negated
  }
  return holds
}

function holdsOne(criterion: string, argument: string | undefined, subject: Subject, file: string): boolean {
  if (!(criterion in subject)) {
    throw refused('SSH_CONFIG', `${file} has "Match ${criterion}", which only OpenSSH itself can tell.`, 'Install the OpenSSH client on this machine, so that chaos can ask `ssh -G`.', { file })
  }
  if (argument === undefined) throw refused('SSH_CONFIG', `${file} has a "Match ${criterion}" without a value.`, 'Write what it is to match.', { file })
  const lower = criterion.endsWith('host')
  const patterns = argument.split(',').map((pattern) => (lower ? pattern.toLowerCase() : pattern))
  const value = subject[criterion as keyof Subject]
  return fitsOne(lower ? value.toLowerCase() : value, patterns)
}
