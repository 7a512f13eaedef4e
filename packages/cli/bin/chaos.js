#!/usr/bin/env node
// Plain old syntax: this file must still run, and say what is wrong, on a Node.js that is too old.
var version = process.versions.node.split('.').map(Number)

if (version[0] < 20 || (version[0] === 20 && version[1] < 19)) {
  process.stderr.write('chaos needs Node.js 20.19 or newer; this is ' + process.versions.node + '.\n  Install a newer one: https://nodejs.org\n')
  process.exit(2)
}

keepCompiled()

import('../dist/index.js').then(function (chaos) {
  return chaos.main(process.argv.slice(2))
}).then(function (code) {
  process.exitCode = code
}, function (error) {
  process.stderr.write('chaos could not be started: ' + error.message + '\n  Install it anew.\n')
  process.exitCode = 1
})

// Newer ones keep what they compiled, which saves a tenth of a run. It is code that will be run: only in a folder where nobody
// else can write, so not in that of a user who became root with sudo.
function keepCompiled() {
  var nodeModule = process.getBuiltinModule && process.getBuiltinModule('module')
  if (!nodeModule || !nodeModule.enableCompileCache || !process.getuid) return
  var fs = process.getBuiltinModule('fs')
  var folder = process.env.XDG_CACHE_HOME || process.env.HOME
  if (!folder || !fs.existsSync(folder)) return
  var stat = fs.statSync(folder)
  if (stat.uid !== process.getuid() || (stat.mode & parseInt('022', 8)) !== 0) return
  nodeModule.enableCompileCache(folder + (process.env.XDG_CACHE_HOME ? '' : '/.cache') + '/chaos/compiled')
}
