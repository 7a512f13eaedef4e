import { defineExplain } from '@chaos/core'

export default defineExplain({
  order: ['usage'],
  topics: {
    'my-role': {
      concept: 'Directories that are always there',
      what: 'Ensures that /tmp/my-role-dir exists, owned by root with mode 755, and with it every directory listed in `my_role_dirs`.',
      files: ['/tmp/my-role-dir'],
      equivalent: 'install -d -o root -m 755 /tmp/my-role-dir',
    },
    usage: (detail) => ({
      concept: 'Using my-role',
      what: 'List the directories in your Ch-obolo and apply the role by its name, or by its alias `mr`.',
      examples: [{ yaml: 'my_role_dirs:\n  - /tmp/dir1\n' }, { bash: 'chaos apply mr' }],
      ...(detail === 'basic' ? {} : { validation: 'stat -c "%U %a" /tmp/my-role-dir' }),
    }),
  },
})
