import { defineExplain } from '@chaos/core'

export default defineExplain({
  topics: {
    'provider-env': {
      concept: 'Secrets from the environment',
      what: '`${secret:env:NAME}` in a Ch-obolo is the variable NAME of the environment that chaos is started with.',
      why: 'CI systems and service managers hand secrets over this way, so that none has to lie in a file.',
      how: 'Export the variable before chaos is started. An empty variable is an empty secret; one that is not there is an error (ENV_MISSING).',
      technical: 'The variable is read once per run, on the controller, and only when a role that runs needs it. It needs no configuration and starts no program.',
      examples: [
        { yaml: 'files:\n  - { path: /etc/app/password, content: "${secret:env:APP_PASSWORD}", mode: "0600" }\n' },
        { bash: 'read -rs APP_PASSWORD && export APP_PASSWORD\nchaos apply files\n' },
      ],
      security: 'What was read is taken out of the environment, so that programs which chaos starts do not inherit it; root and you can still read that of chaos itself in /proc. Where that is too much, take a provider that reads a file or a vault.',
      learn_more: ['chaos explain provider-exec'],
    },
  },
})
