import type { OperationOptions } from '@chaos/core'

/** An option that every operation takes as its second argument. */
export interface OptionText {
  readonly type: string
  /** As its docstring in core says it; a test compares the two. */
  readonly description: string
}

export const OPERATION_OPTIONS: Readonly<Record<keyof OperationOptions, OptionText>> = {
  root: {
    type: 'boolean',
    description:
      "As root, in whichever way the host's data or `--sudo` say, else through sudo, doas or su, the first that is there. What system roles ask for: nothing where the login user is root.",
  },
  sudo: { type: 'boolean', description: 'Through sudo, as root.' },
  sudoUser: { type: 'string', description: 'Through sudo, as this user.' },
  su: { type: 'boolean or string', description: 'Through su: `true` = root, else this user.' },
  doas: { type: 'boolean or string', description: 'Through doas: `true` = root, else this user.' },
  name: { type: 'string', description: "Shown instead of the operation's own title." },
  ifChanged: { type: 'result or list of result', description: 'Runs only when one of these changed something.' },
  ifFailed: { type: 'result or list of result', description: 'Runs only when one of these failed; a failure named so does not end the host.' },
  ignoreErrors: { type: 'boolean', description: 'A failure is reported and does not end the host. Default false.' },
  remember: { type: '{ id, value } or list of them', description: "Remembers in the role's state that the role added this, once the operation has changed something." },
  forget: { type: 'string or list of string', description: 'Forgets what was remembered under this id, once the operation is done or finds nothing to do.' },
  retries: { type: 'number', description: 'Further tries after a failed step. Default 0.' },
  retryDelay: { type: 'number', description: 'Seconds between tries. Default 1.' },
  timeout: { type: 'number', description: "Seconds each step may take, then it is ended with all it started. Default: the run's `--timeout`." },
}
