import { secret } from '@chaos/core'
import { describe, expect, test } from 'vitest'
import { server } from '../../src/index.ts'
import { because, reason, withMachine } from './support.ts'

/** Made by `openssl passwd -6`; the password is `tide`. */
const HASH = '$6$Qm8GJFhYlNYgYt5S$4xG0Y3EiY7nmMqfGnBvYw7h7i9x8lcF6pVxR3sUVhWv4D0ULlg1sNqkTeYlDhP1bYj7YvVqUqk1m2FhVbG2jG0'

describe.skipIf(reason !== undefined)(`server.user on a real machine${because}`, { timeout: 60_000 }, () => {
  test('an account is made with all that is given, is then so in 2 exchanges, and drift is mended', () =>
    withMachine(async ({ machine, make, plan }) => {
      await machine.run('groupadd docker; groupadd audit')
      const ana = () => [
        server.user({ name: 'ana', uid: 1600, groups: ['docker', 'audit'], shell: '/bin/bash', home: '/srv/ana', comment: "Ana d'Lima, $(id)", password: secret(HASH) }),
      ]
      expect(await plan(ana)).toEqual(['create user with a password'])
      expect(await machine.run('getent passwd ana || echo nobody')).toBe('nobody\n')
      expect(await make(ana)).toEqual(['create user with a password'])
      expect(await machine.run('getent passwd ana; id -Gn ana; stat -c "%U %a" /srv/ana; getent shadow ana | cut -d: -f2')).toBe(
        `ana:x:1600:1600:Ana d'Lima, $(id):/srv/ana:/bin/bash\nana docker audit\nana 755\n${HASH}\n`,
      )
      await machine.run("gpasswd -d ana audit; usermod -s /bin/sh -c other ana; usermod -p '*' ana; userdel -r nobody2 2>/dev/null; groupadd extra; usermod -aG extra ana")
      expect(await make(ana)).toEqual(['groups +audit −extra', 'shell /bin/sh → /bin/bash', "comment other → Ana d'Lima, $(id)", 'set password'])
      expect(await machine.run('id -Gn ana; getent shadow ana | cut -d: -f2')).toBe(`ana docker audit\n${HASH}\n`)
    }))

  test('what is not given is not managed', () =>
    withMachine(async ({ machine, make }) => {
      await machine.run('groupadd docker; useradd -m -s /bin/bash -G docker -c Ben -p x ben')
      const before = await machine.run('getent passwd ben; id -Gn ben; getent shadow ben')
      expect(await make(() => [server.user({ name: 'ben' })])).toEqual([])
      expect(await make(() => [server.user({ name: 'ben', groups: ['docker'], append: true })])).toEqual([])
      expect(await machine.run('getent passwd ben; id -Gn ben; getent shadow ben')).toBe(before)
    }))
})
