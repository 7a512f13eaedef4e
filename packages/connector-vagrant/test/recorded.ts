import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What Vagrant 2.3.4 printed with its docker provider; the lines of `mail` are made like those of `web`. */
export const STATUS = `1795246077,web,metadata,provider,docker
1795246077,db,metadata,provider,docker
1795246077,mail,metadata,provider,docker
1795246077,cache,metadata,provider,docker
1795246079,web,provider-name,docker
1795246079,web,state,running
1795246079,web,state-human-short,running
1795246079,web,state-human-long,The container is created and running. You can stop it using\\n\`vagrant halt\`%!(VAGRANT_COMMA) see logs with \`vagrant docker-logs\`%!(VAGRANT_COMMA) and\\nkill/destroy it with \`vagrant destroy\`.
1795246079,db,provider-name,docker
1795246079,db,state,stopped
1795246079,db,state-human-short,stopped
1795246079,db,state-human-long,The container is created but not running. You can run it again\\nwith \`vagrant up\`. If the container always goes to "stopped"\\nright away after being started%!(VAGRANT_COMMA) it is because the command being\\nrun exits and doesn't keep running.
1795246079,mail,provider-name,docker
1795246079,mail,state,running
1795246080,cache,provider-name,docker
1795246080,cache,state,not_created
1795246080,cache,state-human-short,not created
1795246080,,ui,info,Current machine states:\\n\\nweb                       running (docker)\\ndb                        stopped (docker)\\n
`

export const NO_ENVIRONMENT = `1795246105,,ui,error,A Vagrant environment or target machine is required to run this\\ncommand.
1795246105,,error-exit,Vagrant::Errors::NoEnvironmentError,A Vagrant environment or target machine is required to run this\\ncommand. Run \`vagrant init\` to create a new Vagrant environment. Or%!(VAGRANT_COMMA)\\nget an ID of a target machine
`

const NOT_READY = `The provider for this Vagrant-managed machine is reporting that it
is not yet ready for SSH. Depending on your provider this can carry
different meanings.
`

export interface Place {
  readonly host?: string
  readonly port?: number
  readonly user?: string
  readonly key?: string
}

/** A block of `vagrant ssh-config`. */
export function sshConfig(name: string, { host = '127.0.0.1', port = 2222, user = 'root', key = '/tmp/vg/id' }: Place = {}, more = ''): string {
  return `Host ${name}
  HostName ${host}
  User ${user}
  Port ${port}
  UserKnownHostsFile /dev/null
  StrictHostKeyChecking no
  PasswordAuthentication no
  IdentityFile ${key}
  IdentitiesOnly yes
  LogLevel FATAL
${more}
`
}

// As the real one: it stops at the first machine it cannot tell of.
const PROGRAM = `#!/bin/sh
echo "$*" >>recorded/calls
case $1 in
status) cat recorded/status; exit "$(cat recorded/code)" ;;
ssh-config)
  shift 2
  for name; do
    [ -f "recorded/ssh/$name" ] || { cat recorded/not-ready >&2; exit 1; }
    cat "recorded/ssh/$name"
  done ;;
esac
`

export interface Recorded {
  /** Folder of the Vagrantfile. */
  readonly root: string
  /** PATH with a program `vagrant` that prints what was recorded. */
  readonly PATH: string
  status(text: string, code?: number): void
  ssh(name: string, config: string): void
  /** How it was called. */
  calls(): string[]
  remove(): void
}

/** A project of Vagrant, and a program `vagrant` that says of it what the real one once said. */
export function record(): Recorded {
  const root = mkdtempSync(join(tmpdir(), 'chaos-vagrant-'))
  const recorded = (...names: string[]): string => join(root, 'recorded', ...names)
  for (const folder of ['ssh', 'bin']) mkdirSync(recorded(folder), { recursive: true })
  for (const machine of ['web', 'mail']) mkdirSync(join(root, '.vagrant/machines', machine, 'docker'), { recursive: true })
  writeFileSync(join(root, 'Vagrantfile'), '')
  writeFileSync(recorded('not-ready'), NOT_READY)
  writeFileSync(recorded('bin/vagrant'), PROGRAM)
  chmodSync(recorded('bin/vagrant'), 0o755)
  const status = (text: string, code = 0): void => {
    writeFileSync(recorded('status'), text)
    writeFileSync(recorded('code'), String(code))
  }
  status(STATUS)
  return {
    root,
    PATH: `${recorded('bin')}:/usr/bin:/bin`,
    status,
    ssh: (name, config) => writeFileSync(recorded('ssh', name), config),
    calls: () => (existsSync(recorded('calls')) ? readFileSync(recorded('calls'), 'utf8').trim().split('\n') : []),
    remove: () => rmSync(root, { recursive: true }),
  }
}
