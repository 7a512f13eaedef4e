import { describe, it } from 'node:test'
import { explainSuite } from '@chaos/testkit'
import explain from '../src/index.js'

explainSuite({ name: 'PLUGIN_NAME', explain, describe, it })
