import { z } from 'zod'
import { path } from '../files/members.ts'

const paths = z.array(path).default([])

/** What every operation on services takes, whatever the init system is. */
export const serviceMembers = {
  running: z.boolean().optional().describe('Whether it runs now. Not given = not managed. A oneshot that ends by itself is never started for it.'),
  enabled: z.boolean().optional().describe('Whether it starts with the machine. Not given = not managed.'),
  state: z.enum(['restarted', 'reloaded']).optional().describe('Restarts or reloads it, at each run: meant for `ifChanged`. What does not run is started.'),
  restartWhenNewer: paths.describe('Restarts it, while it runs, when one of these files, or of the files in these folders, changed after it was started.'),
  reloadWhenNewer: paths.describe('Reloads it when one of these changed after its last start or reload.'),
  removes: z.boolean().default(false).describe('Stopping and disabling count as a removal: asked for beyond the limits, refused for what the host needs.'),
}
