import { defineExplain } from '@chaos/core'

export default defineExplain({
  topics: {
    'provider-exec': {
      concept: 'Secrets from a program',
      what: '`${secret:exec:REFERENCE}` in a Ch-obolo is what a program of the controller prints for the reference.',
      why: 'Whatever keeps your secrets has a program that shows one. This needs nothing else of it.',
      how: 'Name the command under `secret_providers` in the config, as a list. `{reference}` in it becomes the reference; without it the reference is the last argument. The line end behind the secret is cut, once.',
      technical:
        'The program runs without a shell, with nothing on stdin, and is ended with all it started after 30 seconds (`timeout`). More than a megabyte, bytes that are no text, nothing at all, and any exit code but 0 are errors.',
      examples: [
        { yaml: '# config.yml\nsecret_providers:\n  exec:\n    command: [secret-tool, lookup, chaos, "{reference}"]\n    timeout: 10\n' },
        { yaml: 'files:\n  - { path: /etc/app/password, content: "${secret:exec:app/password}", mode: "0600" }\n' },
      ],
      security: 'The reference stands in the arguments, where others on the machine can see it; the secret does not. What the program prints is never shown, not even when it fails.',
      learn_more: ['chaos explain provider-env'],
    },
  },
})
