#!/usr/bin/env node
// Plain old syntax: this file must still run, and say what is wrong, on a Node.js that is too old.
var version = process.versions.node.split('.').map(Number)

if (version[0] < 20 || (version[0] === 20 && version[1] < 19)) {
  process.stderr.write('chaos needs Node.js 20.19 or newer; this is ' + process.versions.node + '.\n  Install a newer one: https://nodejs.org\n')
  process.exit(2)
}

import('../dist/index.js').then(function (chaos) {
  return chaos.main(process.argv.slice(2))
}).then(function (code) {
  process.exitCode = code
}, function (error) {
  process.stderr.write('chaos could not be started: ' + error.message + '\n  Install it anew.\n')
  process.exitCode = 1
})
