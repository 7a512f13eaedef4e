import { defineExplain } from '@chaos/core'

export default defineExplain({
  topics: {
    'PLUGIN_NAME': {
      concept: 'Directories of PLUGIN_NAME',
      what: 'The role reads the key plugin_key: each item is a directory that should be there.',
      why: 'What is declared can be compared: a second run has nothing to do.',
      how: 'List items under plugin_key. A mode that is not given is left alone.',
      examples: [{ yaml: 'plugin_key:\n  - { path: /tmp/PLUGIN_NAME, mode: "0755" }\n' }],
      equivalent: 'install -d -m 0755 /tmp/PLUGIN_NAME',
      commands: ['chaos apply PLUGIN_NAME'],
      security: 'It removes nothing.',
    },
  },
})
