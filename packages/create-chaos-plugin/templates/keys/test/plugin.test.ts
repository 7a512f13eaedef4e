import { describe, it } from 'node:test'
import { keysSuite } from '@chaos/testkit'
import keys from '../src/index.js'

keysSuite({ name: 'PLUGIN_NAME', keys, describe, it })
