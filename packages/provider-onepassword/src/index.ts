import { defineProvider } from '@chaos/core'
import { config } from './config.ts'
import { readSecret } from './read.ts'
import { status } from './status.ts'
import { writeItem } from './write.ts'

/** Reads and writes items of 1Password through its own program: `${secret:op:vault/item/field}`. */
export default defineProvider({
  config,
  about: 'Items of 1Password, through the program op.',
  read: readSecret,
  write: writeItem,
  status,
})
