import type { Command } from './command.ts'

/** Where a distribution's named has its files. */
export interface NamedLayout {
  /** named.conf(5). */
  mainFile: string
  /** Where a site adds its own lines to it. */
  siteFile: string
  includeFile: string
  zoneDirectory: string
}

export const namedLayouts: readonly NamedLayout[] = [
  // Debian's AppArmor profile lets named read /etc/bind, /var/lib/bind and /var/cache/bind alone
  {
    mainFile: '/etc/bind/named.conf',
    siteFile: '/etc/bind/named.conf.local',
    includeFile: '/etc/bind/luna.zones',
    zoneDirectory: '/var/lib/bind/luna',
  },
  {
    mainFile: '/etc/named.conf',
    siteFile: '/etc/named.conf',
    includeFile: '/etc/named.luna.zones',
    zoneDirectory: '/var/named',
  },
]

/** named-checkconf(8) -z: reads the configuration and loads every zone in it. */
export const checkZones = (file: string): Command => ({
  argv: ['named-checkconf', '-z', file],
  package: 'bind9-utils (Debian, Ubuntu) or bind (Red Hat)',
})

/** What it said of trouble, with the files' names as they will be. */
export const complaintOfNamed = (text: string): string =>
  text.replace(/^zone \S+: loaded serial \d+.*\n/gm, '').replaceAll(/\.luna-candidate\//g, '')

/** rndc(8), where there is no systemd. */
export const reloadByRndc: Command = { argv: ['rndc', 'reload'] }

/** The paths that a text of named.conf(5) includes: not those in comments, nor what is in quotes elsewhere. */
export function includedFiles(text: string): string[] {
  const tokens = text.matchAll(/\/\*[\s\S]*?\*\/|(?:\/\/|#).*|\binclude\s+"([^"]*)"|"[^"]*"/g)
  return [...tokens].flatMap(([, path]) => (path === undefined ? [] : [path]))
}
