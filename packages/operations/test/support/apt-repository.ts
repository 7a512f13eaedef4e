/** A repository of small packages, made on a throw-away machine from nothing but dpkg-deb, and the only one it knows. */

export interface DebPackage {
  readonly name: string
  /** Default 1.0. */
  readonly version?: string
  /** Default all. */
  readonly architecture?: string
  /** Further lines of its control file: `Depends: aaa`. */
  readonly fields?: readonly string[]
  /** Its files, by path, with their text. */
  readonly files?: Readonly<Record<string, string>>
  readonly postinst?: string
}

/** What other packages of this machine have apt start before and after each change: it has nothing to do for these packages. */
const HOOKS = ['20packagekit', '50appstream', '70debconf']

/** A script that makes the packages and the index of the repository, and forgets all others. The host's own index is not refreshed by it. */
export function publish(packages: readonly DebPackage[], { folder = '/srv/repository', only = true }: { folder?: string; only?: boolean } = {}): string {
  return `set -e
mkdir -p ${folder}
${packages.map((each) => build(each, folder)).join('\n')}
cd ${folder}
for f in *.deb; do dpkg-deb -f "$f"; echo "Filename: ./$f"; echo "Size: $(stat -c %s "$f")"; echo "SHA256: $(sha256sum "$f" | cut -d' ' -f1)"; echo; done >Packages
${only ? `rm -f /etc/apt/sources.list /etc/apt/sources.list.d/* ${HOOKS.map((name) => `/etc/apt/apt.conf.d/${name}`).join(' ')}
printf 'Types: deb\\nURIs: file:${folder}\\nSuites: ./\\nTrusted: yes\\n' >/etc/apt/sources.list.d/test.sources` : ''}`
}

function build({ name, version = '1.0', architecture = 'all', fields = [], files = {}, postinst }: DebPackage, folder: string): string {
  const root = `/tmp/build/${name}_${version}_${architecture}`
  const control = [`Package: ${name}`, `Version: ${version}`, `Architecture: ${architecture}`, 'Maintainer: Test <test@example.org>', 'Description: a test', ...fields, '']
  return `mkdir -p ${root}/DEBIAN
cat >${root}/DEBIAN/control <<'CONTROL'
${control.join('\n')}CONTROL
${Object.entries(files).map(([path, text]) => `mkdir -p "$(dirname ${root}${path})"; printf %s '${text}' >${root}${path}`).join('\n')}
${postinst === undefined ? '' : `printf '#!/bin/sh\\n%s\\n' '${postinst}' >${root}/DEBIAN/postinst; chmod 755 ${root}/DEBIAN/postinst`}
dpkg-deb -Znone -b ${root} ${folder} >/dev/null`
}

/** Refreshes the index as somebody else on the host would. */
export const REFRESH = 'rm -rf /var/lib/apt/lists/* && apt-get update -qq && rm -f /var/lib/apt/periodic/update-success-stamp'

/** Signs the repository with a new key, and prints the key. */
export function sign(folder: string): string {
  return `set -e
export GNUPGHOME=/tmp/gnupg-$$
mkdir -m 700 $GNUPGHOME
gpg --batch --quiet --passphrase '' --quick-generate-key test@example.org ed25519 sign never 2>/dev/null
cd ${folder}
{ echo "Suite: test"; echo "Date: $(LC_ALL=C date -u -R)"; echo "SHA256:"; echo " $(sha256sum Packages | cut -d' ' -f1) $(stat -c %s Packages) Packages"; } >Release
rm -f InRelease
gpg --batch --quiet --clearsign -o InRelease Release
gpg --armor --export
gpgconf --kill all
rm -rf $GNUPGHOME`
}
