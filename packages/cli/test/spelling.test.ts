import { describe, expect, test } from 'vitest'
import { rewrite } from '../src/spelling.ts'

const long = (line: string): string => rewrite(line.split(' ').filter((word) => word !== '')).argv.join(' ')
const refused = (line: string): string | undefined => rewrite(line.split(' ')).refusal?.message

describe('spellings of the Python tool', () => {
  test.each([
    ['apply x -dsvvv', 'apply x --dry --secrets --verbose --verbose --verbose'],
    ['apply x -slye -ps', 'apply x --secrets --logbook --yes --serial --sudo-password-stdin'],
    ['init chobolo -t -u', 'init chobolo --template --human'],
    ['apply x -nw -ikwid', 'apply x --no-wait --yes'],
    ['apply x --i-know-what-im-doing', 'apply x --yes'],
    ['apply x -pf pw.txt -f', 'apply x --sudo-password-file pw.txt --fleet'],
    ['apply x --sudo_password_file pw.txt', 'apply x --sudo-password-file pw.txt'],
    ['apply x -sf s.yml -ss sops.yml', 'apply x --secrets-file s.yml --sops-file sops.yml'],
    ['secrets cat a.b -jv -sf s.yml', 'secrets cat a.b --json --values --secrets-file s.yml'],
    ['secrets rotate-add age k -cr -u -i 1', 'secrets rotate-add age k --create --update --index 1'],
    ['secrets rotate-add pgp k -s hkps://keys.example.net -u', 'secrets rotate-add pgp k --keyserver hkps://keys.example.net --update'],
    ['secrets shamir 0 2 -uy', 'secrets shamir 0 2 --update --yes'],
    ['init secrets -ikwid -ss sops.yml', 'init secrets --yes --sops-file sops.yml'],
    ['apply x --verbose 2 y', 'apply x --verbose --verbose y'],
    ['apply x -c other.yml', 'apply x --chobolo other.yml'],
    ['apply x -cother.yml', 'apply x --chobolo=other.yml'],
    ['-c other.yml apply x', 'apply --chobolo other.yml x'],
    ['explain files -d advanced -c basic -nj', 'explain files --details advanced --complexity basic --no-pretty --json'],
    ['check roles -j', 'check roles --json'],
    ['-u', '--update-plugins'],
    ['exec -f -- ls -dsvvv', 'exec --fleet -- ls -dsvvv'],
    ['exec ls -d', 'exec ls -d'],
    ['apply -- -d', 'apply -- -d'],
    ['apply --limit -d', 'apply --limit -d'],
    ['apply -p', 'apply --provider=default'],
    ['apply x -p y', 'apply x --provider=default y'],
    ['apply -p bw.age y', 'apply --provider=bw.age y'],
    ['apply --provider bw.age y', 'apply --provider=bw.age y'],
    ['apply --provider=bw.age y', 'apply --provider=bw.age y'],
    ['apply -p op.age:op://v/i/f y', 'apply --provider=op.age:op://v/i/f y'],
    ['apply -p bw.ssh', 'apply --provider=bw.ssh'],
    ['apply -dp NAME:p:c age', 'apply --provider=dp.age:NAME:p:c'],
    ['apply -psv x', 'apply --provider=default --secrets --verbose x'],
    ['apply -p -d', 'apply --provider=default --dry'],
    ['apply -sb ID age x', 'apply --secrets --provider=bw.age:ID x'],
    ['apply --from-op=op://v/i age', 'apply --provider=op.age:op://v/i'],
    ['secrets cat -p app.password', 'secrets cat --provider=default app.password'],
    ['secrets cat -p bw.age app.password', 'secrets cat --provider=bw.age app.password'],
    ['secrets print -rb ID gpg -j', 'secrets print --provider=rbw.gpg:ID --json'],
    ['secrets edit -B ID vault -s', 'secrets edit --provider=bws.vault:ID --sops'],
    ['secrets print -I N:p:e:/ age', 'secrets print --provider=in.age:N:p:e:/'],
    ['secrets export bw -t age -n N -k K -Ns', 'secrets export bw --key-type age --item-name N --key-file K --no-import --save-to-config'],
    ['secrets export bw -t gpg -n N -f A B', 'secrets export bw --key-type gpg --item-name N --fingerprints A B'],
    ['secrets import bw -t age -i ID -o F', 'secrets import bw --key-type age --item-id ID --output F'],
  ])('%s → %s', (line, expected) => {
    expect(long(line)).toBe(expected)
  })

  test('an unknown letter leaves the word to the parser, which refuses it', () => {
    expect(long('apply -dqz')).toBe('apply -dqz')
  })

  test('what belongs to a later version is refused and never ignored', () => {
    expect(refused('apply x -i')).toBe('`--limani` is not part of this version of chaos.')
    expect(refused('apply x -l')).toContain('--logbook')
    expect(refused('apply x --team=a.b.c')).toContain('--team')
    expect(refused('-e')).toContain('--edit-chobolo')
    expect(refused('fleet list')).toContain('chaos fleet')
    expect(refused('team list')).toContain('chaos team')
    expect(refused('check roles')).toBeUndefined()
  })

  test('a flag that names a provider is refused without its item and the kind of its key', () => {
    for (const line of ['apply -b', 'apply -b ID', 'apply -b ID -d', 'secrets cat -o op://v/i']) expect(refused(line)).toContain('is followed by an item and the kind of its key')
  })

  test('a password among the arguments is refused, and not repeated', () => {
    const { argv, refusal } = rewrite(['apply', 'users', '-ps', 'hunter2'])
    expect(refusal?.message).toContain('can be read by every user')
    expect(JSON.stringify([argv, refusal])).not.toContain('hunter2')
    expect(JSON.stringify(rewrite(['apply', '--password=hunter2']))).not.toContain('hunter2')
  })
})
