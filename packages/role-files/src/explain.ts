import { defineExplain } from '@chaos/core'
import type { Page } from '@chaos/core'

const page: Page = {
  concept: 'Files as they should be',
  what: 'The role `files` reads one list: each item says what a path on the host is: a file with a content, a directory, a link, or nothing at all.',
  technical:
    'Each item becomes one operation (files.put, files.template, files.file, files.directory, files.link). All are compared in one exchange. Content is compared by SHA-256; a file is written beside its place, given its owner and mode, checked, and renamed.',
  why: 'A file that is declared can be compared: a run shows what differs before it changes anything, and a second run has nothing to do.',
  how: 'List items under the key `files`. `state` follows from the other keys: `content`, `source` or `template` make a file, `target` a link, a path alone a directory. Owner, group and mode that are not given are left alone.',
  validation: 'chaos apply files --dry --detailed-exitcode',
  examples: [
    { yaml: 'files:\n  - { path: /srv/app, mode: "0755" }\n  - { path: /srv/app/motd, content: "Welcome\\n", mode: "0644" }\n  - { path: /srv/app/current, target: releases/7 }\n  - { path: /srv/app/old, state: absent }\n' },
    { yaml: 'files:\n  - path: /etc/app.conf\n    template: app.conf.j2\n    vars: { port: 8080 }\n    owner: root\n    mode: "0640"\n    sudo: true\n' },
  ],
  equivalent: ['install -d -m 0755 /srv/app', "printf 'Welcome\\n' > /srv/app/motd", 'ln -sfn releases/7 /srv/app/current', 'rm -rf /srv/app/old'],
  files: ['whatever the list names'],
  commands: ['chaos apply files', 'chaos apply files --dry --diff', 'chaos explain operations.files.put'],
  learn_more: ['chaos explain files.absent', 'chaos explain files.template'],
  security: 'A secret as content is never shown: the plan says only that it changes. Give such a file a mode of "0600".',
}

export default defineExplain({
  order: ['template', 'absent'],
  topics: {
    files: page,
    template: {
      concept: 'Templates',
      what: 'A file of the controller is rendered as Jinja2 and becomes the content.',
      how: 'Give `template` a path (relative to the Ch-obolo), and `vars` what stands in it. `host.name`, `host.data`, `host.groups` and `host.os` are there too. An undefined name is an error.',
      examples: [{ yaml: 'files:\n  - { path: /etc/motd, template: motd.j2, vars: { team: ops } }\n' }],
      why: 'One text serves many hosts.',
      security: 'A template is rendered once; what a host tells is data and is never rendered again.',
    },
    absent: {
      concept: 'Taking away',
      what: 'Only an item with `state: absent` is removed, and the plan counts it as a removal.',
      why: 'A file may hold what cannot be had again. An item that is no longer in the list is no longer managed; it stays.',
      how: 'Write `state: absent`. A directory goes with all that is in it.',
      examples: [{ yaml: 'files:\n  - { path: /srv/app/old, state: absent }\n' }],
      security: 'A run that would remove something asks, and the default answer is no.',
    },
  },
})
