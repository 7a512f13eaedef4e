import { script } from '@chaos/core'
import { onMachine, openChroot } from './support.ts'

// A process of its own for a test to kill: it opens a root with mounts, starts something in it, and waits.
const enter = process.argv.slice(2)
const base = await onMachine({ enter, run: async () => '', close: async () => {} })
const connection = await openChroot('srv/root', base, { chroot_bind: ['proc'] })
const { stdout } = await connection.spawn(script('echo $$; cat'))
stdout.pipe(process.stdout)
