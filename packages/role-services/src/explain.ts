import { defineExplain } from '@chaos/core'
import type { Depth, Page } from '@chaos/core'

const TECHNICAL: Readonly<Record<Depth, string>> = {
  basic: 'Each service is compared with what the init system (systemd, OpenRC) tells of it, and only what differs is changed.',
  intermediate:
    'All units are asked for in one `systemctl show`. Services that shall be the same are one operation (systemd.service), and one command of a kind: `systemctl enable a b c`. Unit files and drop-ins are systemd.unit and systemd.dropIn.',
  advanced:
    'All units are asked for in one `systemctl show`. Services that shall be the same are one operation (systemd.service), and one command of a kind: `systemctl enable a b c`. Unit files and drop-ins are systemd.unit and systemd.dropIn, judged by systemd-analyze before they are live; that systemd has to read them anew is seen by the service, and done once. For restart_on the ctime of a file is compared with when the unit began to start, in microseconds, by the clock of the host: so one restart serves many files, and one that was cut off is made up for. Where systemd is installed and does not run (a chroot, an image) what starts with the machine is set by its files. What the role turned on it notes on the host (/var/lib/chaos/state/services.json).',
}

const services = (depth: Depth): Page => ({
  concept: 'What runs',
  what: 'The role `services` says which services run now, and which start with the machine.',
  technical: TECHNICAL[depth],
  why: 'What runs by accident is gone after a reboot, and what was stopped by hand comes back. A list says what is meant.',
  how: 'List services under `services`. A name alone runs now and with the machine; `running` and `on_boot` say otherwise. What the role turned on itself goes off when it is no longer in the list; what others turned on stays, unless `exclusive: true`.',
  validation: 'chaos apply services --dry --detailed-exitcode',
  examples: [
    { yaml: 'services:\n  - nginx\n  - { name: bluetooth, running: false, on_boot: false }\n  - { name: app, restart_on: [/etc/app] }\n  - { name: telnet, state: absent }\n' },
    { yaml: 'services:\n  exclusive: true\n  list: [nginx, cron]\n' },
  ],
  equivalent: ['systemctl enable --now nginx', 'systemctl disable --now bluetooth'],
  files: ['/etc/systemd/system/*.wants/', '/etc/systemd/system/NAME', '/etc/systemd/system/NAME.d/*.conf'],
  commands: ['chaos apply services', 'chaos apply services --dry', 'chaos explain operations.systemd.service'],
  learn_more: ['chaos explain services.dense', 'chaos explain services.restart', 'chaos explain services.unit', 'chaos explain services.removal'],
  security: 'What a host is reached by (ssh, the network) is never switched off by a removal, and restarted only under the access guard: it is taken back unless a new connection confirms it.',
})

export default defineExplain({
  order: ['dense', 'restart', 'unit', 'masked', 'removal', 'blacklist'],
  topics: {
    services,
    dense: {
      concept: 'Many by the beginning of a name',
      what: 'With `dense_service: true` the name stands for every installed service, socket, timer and path that begins so. Templates are left out.',
      how: 'A beginning that nothing has is no error. A service that is listed by itself goes by its own item.',
      examples: [{ yaml: 'services:\n  - { name: bluetooth, dense_service: true }\n' }],
    },
    restart: {
      concept: 'Restarts when files are newer',
      what: '`restart_on` names files and folders: the service is restarted, once, when any of them is newer than its start. `reload_on` reloads it, where its unit can.',
      why: 'It hangs on what is there, not on what this run did: a run that was cut off between file and restart is made up for by the next one.',
      how: 'Put `files` before `services`. The plan says "known after apply" where a file of the same run would restart it.',
      examples: [{ yaml: 'files:\n  - { path: /etc/app/app.conf, content: "port = 80\\n", sudo: true }\nservices:\n  - { name: app, restart_on: [/etc/app] }\n' }],
    },
    unit: {
      concept: 'Unit files',
      what: '`unit` is the text of the unit file, `drop_ins` are texts of drop-ins by name. With `user` all is of that user.',
      technical: 'A file that systemd would refuse is not written. A change restarts the service. A text that is a secret makes a file that only root reads.',
      examples: [{ yaml: 'services:\n  - name: app\n    unit: |\n      [Service]\n      ExecStart=/usr/bin/app\n      [Install]\n      WantedBy=multi-user.target\n    drop_ins:\n      limits: |\n        [Service]\n        MemoryMax=1G\n' }],
    },
    masked: {
      concept: 'Masked units',
      what: '`masked: true` makes sure that nothing can start a unit. `masked: false` takes that back; without it a masked service that is to run is an error.',
      why: 'Somebody who masks a service means it.',
      examples: [{ yaml: 'services:\n  - { name: systemd-networkd-wait-online, masked: true }\n' }],
    },
    removal: {
      concept: 'What is no longer declared',
      what: 'What the role enabled or started itself is disabled or stopped when it is no longer in the list, and unit files it made are removed. What ran or was enabled before stays so.',
      how: '`state: absent` stops and disables one service. `exclusive: true` does so with every enabled service that is not listed. What others changed since is kept, and told. Without the key `services` nothing is done.',
      examples: [{ yaml: 'services:\n  - { name: telnet, state: absent }\n' }],
      security: 'More than ten removals, or more than a quarter of the enabled services, are asked for.',
    },
    blacklist: {
      concept: 'What stays on',
      what: 'ssh, the network, and what belongs to systemd (dbus, getty, its own services) are never taken away, whatever `exclusive` and `state: absent` say.',
      how: 'To stop one of them all the same, say it: `running: false`, `on_boot: false`. That runs under the access guard.',
    },
  },
})
