// One request to the keyring, in a process of its own: a locked keyring may wait for an answer in a window nobody
// sees, and a native call that waits cannot be ended from within, nor would the process end that makes it.
import { Buffer } from 'node:buffer'
import { writeSync } from 'node:fs'
import { text } from 'node:stream/consumers'

const { action, service, account, value, timeout } = JSON.parse(await text(process.stdin))

// At once and not by the event loop, which may stand still.
const answer = (given) => writeSync(1, JSON.stringify(given))

function failed(at) {
  return (error) => {
    answer({ failed: at, reason: String(error?.message) })
    process.exit()
  }
}

setTimeout(() => {
  answer({ failed: 'time' })
  process.kill(process.pid, 'SIGKILL')
}, timeout * 1000).unref()

const { AsyncEntry } = await import('@napi-rs/keyring').catch(failed('load'))
// Not the kernel's keyring, which it would take silently where there is no other: that one forgets.
const entry = await Promise.resolve().then(() => new AsyncEntry(service, account, { linux: { store: 'secret-service' } })).catch(failed('open'))

if (action === 'status') answer({})
else {
  const found = await entry.getSecret().catch(failed('use'))
  if (action === 'read') answer(found === null ? { missing: true } : { value: Buffer.from(found).toString('base64') })
  else if (found !== null) answer({ exists: true })
  else {
    await entry.setPassword(value).catch(failed('use'))
    answer({})
  }
}
