import { defineProvider } from '@chaos/core'
import { config } from './config.ts'
import { valueOf } from './find.ts'
import { itemsOf } from './items.ts'
import { status } from './status.ts'
import { writeItem } from './write.ts'

/** Reads and writes items of Bitwarden through its own program: `${secret:bw:db/main}`, `${secret:bw:db/main/username}`. */
export default defineProvider({
  config,
  about: 'Items of Bitwarden and Vaultwarden, through the program bw.',
  read: async (reference, context) => valueOf(reference, await itemsOf(context)),
  write: writeItem,
  status,
})
