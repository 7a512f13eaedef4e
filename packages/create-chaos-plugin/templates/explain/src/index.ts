import { defineExplain } from '@chaos/core'

export default defineExplain({
  order: ['usage'],
  topics: {
    // A page, or a function of the depth: the text itself may go deeper.
    'PLUGIN_NAME': (depth) => ({
      concept: 'PLUGIN_NAME',
      what: {
        basic: 'One sentence that everybody understands.',
        intermediate: 'What it is made of, and what it stands on.',
        advanced: 'How it works inside, with its limits.',
      }[depth],
      why: 'What it is good for.',
      commands: ['chaos explain PLUGIN_NAME.usage'],
    }),
    usage: {
      concept: 'Using it',
      how: 'What one does, step by step.',
      examples: [{ bash: 'chaos apply --dry' }],
      equivalent: 'The same by hand',
      security: 'What to look out for.',
    },
  },
})
