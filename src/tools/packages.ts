import type { Command } from './command.ts'

/** dpkg's own list, as it keeps it: a text, for which no program of the image has to run. */
export const dpkgStatusPath = '/var/lib/dpkg/status'

/** Where images of rpm's family have it. */
export const rpmPath = '/usr/bin/rpm'

/** Lines of name, version and architecture; to be run in the image, whose rpm alone knows what its database is. */
export const listRpmPackagesCommand: Command = {
  argv: ['rpm', '--query', '--all', '--queryformat', '%{NAME} %|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE} %{ARCH}\\n'],
}
