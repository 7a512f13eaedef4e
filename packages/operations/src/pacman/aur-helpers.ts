import { defineFact, sh, touch } from '@chaos/core'

/** A helper that builds packages of the AUR. Each asks its questions in words of its own, so each is told in its own that nobody is there to answer. */
export interface AurHelper {
  /** What `-S` takes besides `--needed --noconfirm`, so that nothing is asked and nothing that was only needed to build stays. */
  readonly install: readonly string[]
}

/** By name, which is that of the program. Another one joins by a line here. */
export const AUR_HELPERS = {
  yay: { install: ['--aur', '--answerclean', 'All', '--answerdiff', 'None', '--answeredit', 'None', '--removemake'] },
  paru: { install: ['--aur', '--skipreview', '--removemake', '--cleanafter'] },
} as const satisfies Readonly<Record<string, AurHelper>>

export type AurHelperName = keyof typeof AUR_HELPERS

export interface AurPlace {
  readonly uid: number
  readonly user: string
  /** Where the helper is; empty = it is not on PATH. */
  readonly program: string
  /** sudo lets this user run pacman and asks for nothing. */
  readonly unattended: boolean
}

/** Whether packages of the AUR can be built, seen as the user who would build them. */
export const aurPlace = defineFact({
  name: 'pacman.aurPlace',
  about: 'Whether a helper for the AUR is installed, who would run it, and whether sudo lets that user run pacman without a password.',
  command: (helper: AurHelperName) => sh`id -u
id -un
command -v ${helper} || echo
if sudo -n -l pacman >/dev/null 2>&1; then echo 1; else echo 0; fi`,
  parse: (stdout): AurPlace => {
    const [uid = '', user = '', program = '', unattended = ''] = stdout.split('\n')
    if (!/^\d+$/.test(uid)) throw new Error(`id answered ${JSON.stringify(uid)}`)
    return { uid: Number(uid), user, program, unattended: unattended === '1' }
  },
  reads: () => [touch.named('package'), touch.path('/etc/sudoers'), touch.path('/etc/sudoers.d')],
})
