import { ChaosError, defineOperation, sh } from '@chaos/core'
import type { Change, Diff, Host } from '@chaos/core'
import { z } from 'zod'
import { comparePackages, isSame } from '../server/package-difference.ts'
import { packagesTitle } from '../server/package-list.ts'
import { AUR_HELPERS, aurPlace } from './aur-helpers.ts'
import type { AurHelperName, AurPlace } from './aur-helpers.ts'
import { inventory } from './inventory.ts'
import { whenFree } from './lock.ts'
import { wrongName } from './names.ts'
import { removal } from './removal.ts'

const name = z.string({ error: 'a package is given by its name' }).superRefine((value, check) => {
  const message = wrongName(value)
  if (message !== undefined) check.addIssue({ code: 'custom', message })
})

const schema = z.strictObject({
  packages: z.array(name).describe('Names of packages of the AUR, which has one version of each.'),
  helper: z.enum(Object.keys(AUR_HELPERS) as [AurHelperName, ...AurHelperName[]]).default('yay').describe('The installed program that builds them.'),
  present: z.boolean().default(true).describe('false = they must not be there.'),
})
type Args = z.output<typeof schema>

/** Packages that a helper builds of the AUR, as an ordinary user: the login user, or the one that the option sudoUser names. */
export const aurPackages = defineOperation({
  name: 'pacman.aurPackages',
  about: 'Ensures that packages of the AUR are installed, or not. yay or paru build them as an ordinary user, whom sudo lets run pacman without a password.',
  args: schema,
  example: { packages: ['google-chrome'], helper: 'paru' },
  title: (args) => packagesTitle(args.packages.map((each) => ({ name: each }))),
  diff,
})

async function diff({ packages: given, helper, present }: Args, host: Host): Promise<Diff> {
  const [have, place] = await Promise.all([host.fact(inventory()), host.fact(aurPlace(helper))])
  const difference = comparePackages([...new Set(given)].map((name) => ({ name, state: present ? 'present' : 'absent' })), have, new Map())
  if (isSame(difference)) return []
  refuse(place, helper, host)
  const install = difference.install.map(({ name }) => name)
  const { mark } = difference
  const changes: Change[] = []
  if (install.length > 0) {
    changes.push({
      summary: `build and install ${install.join(', ')} from the AUR with ${helper}`,
      before: null,
      do: [{ run: whenFree(sh`${helper} -S --needed --noconfirm ${[...AUR_HELPERS[helper].install]} ${install}`) }],
    })
  }
  if (mark.length > 0) {
    changes.push({ summary: `mark ${mark.join(', ')} as explicitly installed`, before: 'dependency', after: 'explicit', do: [{ run: whenFree(sh`sudo -n pacman -D --asexplicit -- ${mark}`) }] })
  }
  // pacman removes them like any other: the same as it would be planned for root, only by way of sudo.
  const gone = (await removal(difference.remove, have, host)).map((change): Change => ({ ...change, do: [{ run: whenFree(sh`sudo -n pacman -R --noconfirm --noprogressbar -- ${difference.remove}`) }] }))
  return [...gone, ...changes]
}

function refuse({ uid, user, program, unattended }: AurPlace, helper: AurHelperName, { name }: Host): void {
  if (uid === 0) {
    throw new ChaosError('AUR_ROOT', {
      message: `Packages of the AUR are not built as root, and on ${name} this would be: makepkg runs what strangers wrote, and refuses root.`,
      hint: 'Log in as an ordinary user, or name one who builds them (sudoUser; aur_user in a Ch-obolo).',
      host: name,
    })
  }
  if (program === '') {
    throw new ChaosError('AUR_HELPER', {
      message: `${name} has no ${helper}, which should build packages of the AUR there.`,
      hint: `Install ${helper} once by hand (it comes from the AUR itself), or name another helper: ${Object.keys(AUR_HELPERS).join(', ')}.`,
      host: name,
    })
  }
  if (unattended) return
  throw new ChaosError('AUR_SUDO', {
    message: `${helper} installs through sudo, which would ask ${user} of ${name} for a password, and nobody is there to answer.`,
    hint: `Let it be done without: echo '${user} ALL=(root) NOPASSWD: /usr/bin/pacman' > /etc/sudoers.d/aur`,
    host: name,
  })
}
