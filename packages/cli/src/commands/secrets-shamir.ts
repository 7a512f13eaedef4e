import { ChaosError } from '@chaos/core'
import { changeThreshold } from '@chaos/sops'
import { EXIT } from '../exit-codes.ts'
import type { ShamirOptions } from '../program/options.ts'
import { askYesNo, canAsk } from '../prompt.ts'
import { changeConfig } from '../secrets/change-config.ts'
import { readConfigOfSops, sopsOf } from '../secrets/place.ts'

/** `chaos secrets set-shamir INDEX N`: how many key groups of a creation rule must be opened; 0 or less: all of them, without a threshold. */
export async function run(rule: number, threshold: number, options: ShamirOptions): Promise<number> {
  const place = await sopsOf(options)
  const change = (text: string): string => changeThreshold(text, place.sops, { rule, threshold })
  if (threshold <= 0) {
    const text = await readConfigOfSops(place.sops)
    if (change(text) !== text && !(await mayRemove(rule, place.sops, options))) return EXIT.failed
  }
  return changeConfig(place, options, {
    change,
    same: threshold > 0 ? `the threshold of the rule ${rule} is ${threshold} already` : `the rule ${rule} has no threshold`,
    done: threshold > 0 ? `${threshold} key groups of the rule ${rule} must be opened` : `the rule ${rule} has no threshold any more`,
  })
}

async function mayRemove(rule: number, sops: string, { yes }: ShamirOptions): Promise<boolean> {
  if (yes) return true
  if (!canAsk()) throw new ChaosError('NO_TERMINAL', { message: `There is no terminal to ask on whether the threshold of the rule ${rule} may go.`, hint: 'Add --yes (-y) if it may.' })
  const answer = await askYesNo(`Take the threshold of the rule ${rule} of ${sops} away? All its key groups are needed then.`, { initial: false })
  if (answer === undefined) throw new ChaosError('INTERRUPTED', { message: 'The question was not answered.' })
  return answer
}
