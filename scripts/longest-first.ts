import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'

/** Test files that take longest, so that none of them is what all others have to be waited for at the end. One that is missing here costs only time. */
const LONGEST = [
  'cli/test/system/drift',
  'cli/test/publish/publish',
  'connector-podman/test/podman',
  'provider-bitwarden/test/bitwarden',
  'cli/test/system/together',
  'operations/test/systemd/service',
  'operations/test/apt',
  'connector-ssh/test/session/files',
  'cli/test/system/ansible',
  'connector-ssh/test/session/elevation',
  'operations/test/pacman',
  'role-services/test/services',
  'engine/test/session/robustness',
  'cli/test/guides',
  'connector-ssh/test/failures/cut',
  'connector-podmanssh/test/stack',
  'cli/test/guide-connector',
  'role-packages/test/machine',
]

/** vitest's own order, behind the longest files. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/packages/${name}.test.ts`))
      return at === -1 ? LONGEST.length : at
    }
    // oxlint-disable-next-line unicorn/no-array-sort -- vitest's, of no array
    const usual = await super.sort(files)
    return usual.toSorted((one, other) => place(one) - place(other))
  }
}
