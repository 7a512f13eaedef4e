import { defineExplain } from '@chaos/core'

export default defineExplain({
  order: ['deploy', 'disk-full', 'certificate'],
  topics: {
    runbook: {
      concept: 'What we do when',
      what: 'How we change our machines, and what we do when one of them is in trouble. `chaos explain runbook.list` names the pages.',
      why: 'At three in the morning nobody looks for a wiki.',
      learn_more: ['https://status.example.net'],
    },
    deploy: (depth) => ({
      concept: 'A change of the fleet',
      what: 'Look first, begin with one machine, then all of them.',
      why: 'A mistake on one machine is a ticket, on fifty it is an evening.',
      how: depth === 'basic' ? 'Apply to web1, look at the dashboard for five minutes, apply to the rest.' : 'Apply to web1, look at the error rate and the latency for five minutes, apply to the rest four at a time.',
      commands: ['chaos apply --fleet --dry', 'chaos apply --limit web1', 'chaos apply --fleet'],
      validation: 'chaos apply --fleet --dry --detailed-exitcode',
      security: 'Never on a Friday, and never with `--yes`: somebody reads the plan.',
    }),
    'disk-full': {
      concept: 'A disk is full',
      what: 'Find what grew, take it away, and say in the Ch-obolo that it shall not come back.',
      why: 'What was deleted by hand is back next month.',
      examples: [{ bash: "chaos exec --limit db1 -- 'du -xh /var | sort -h | tail'" }, { yaml: 'files:\n  - { path: /etc/logrotate.d/app, source: logrotate/app, mode: "0644" }\n' }],
      equivalent: 'journalctl --vacuum-size=200M',
      files: ['/var/log', '/var/lib/docker'],
    },
    certificate: {
      concept: 'A certificate is about to end',
      what: 'certbot renews by itself; when it did not, its timer does not run.',
      why: 'Visitors see it before we do.',
      commands: ["chaos exec --limit web1 -- 'systemctl list-timers certbot.timer'", 'chaos apply services --limit web1'],
    },
  },
})
