/** What the Python tool has, or a later version will have: named, so that it is refused with a sentence and never ignored. */
export interface Refusal {
  message: string
  hint: string
}

const FLAGS: Readonly<Record<string, string>> = {
  '--logbook': 'the logbook', '--limani': 'the logbook', '--export-logs': 'the logbook',
  '--team': 'teams',
  '--edit-chobolo': 'editing from the command line',
}

const COMMANDS: Readonly<Record<string, string>> = {
  fleet: 'fleet tooling', runs: 'the history of runs',
  resume: 'resuming a run', doctor: 'the doctor', team: 'teams', ramble: 'ramblings', provision: 'provisioning',
  'check limanis': 'the logbook',
}

export function laterFlag(flag: string): Refusal | undefined {
  const name = flag.split('=', 1)[0] as string
  return Object.hasOwn(FLAGS, name) ? refusal(name, FLAGS[name] as string) : undefined
}

/** `words` start with the command. */
export function laterCommand(words: readonly string[]): Refusal | undefined {
  const [command = '', what = ''] = words.filter((word) => !word.startsWith('-'))
  for (const name of [command, `${command} ${what}`]) {
    if (Object.hasOwn(COMMANDS, name)) return refusal(`chaos ${name}`, COMMANDS[name] as string)
  }
  return undefined
}

function refusal(name: string, subject: string): Refusal {
  return {
    message: `\`${name}\` is not part of this version of chaos.`,
    hint: `It belongs to ${subject}, which this version does not have yet. \`chaos --help\` lists what there is.`,
  }
}
