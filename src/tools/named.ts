import type { Command } from './command.ts'

/** Where a distribution's named has its files. */
export interface NamedLayout {
  /** named.conf(5). */
  mainFile: string
  /** Where a site adds its own lines to it. */
  siteFile: string
  includeFile: string
  zoneDirectory: string
  /** Directories that named may read beside its own configuration, where something keeps it from others. */
  confined?: { by: string; directories: readonly string[]; siteRules: string }
}

export const namedLayouts: readonly NamedLayout[] = [
  {
    mainFile: '/etc/bind/named.conf',
    siteFile: '/etc/bind/named.conf.local',
    includeFile: '/etc/bind/luna.zones',
    zoneDirectory: '/var/lib/bind/luna',
    confined: {
      by: '/etc/apparmor.d/usr.sbin.named',
      directories: ['/etc/bind', '/var/lib/bind', '/var/cache/bind'],
      siteRules: '/etc/apparmor.d/local/usr.sbin.named',
    },
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

/** What a text of named.conf(5) says, as far as it concerns others who write there. */
export interface NamedStatements {
  includes: string[]
  zones: string[]
  /** With views, zones of one name in two of them are no mistake. */
  hasViews: boolean
}

const statement =
  /\/\*[\s\S]*?\*\/|(?:\/\/|#).*|\binclude\s+"([^"]*)"|\bzone\s+"?([^\s"{;]+)"?\s*(?:\w+\s*)?\{|\b(view)\s+\S+\s*(?:\w+\s*)?\{|"[^"]*"/g

/** Reads the statements that stand there: not those in comments, nor what is in quotes elsewhere. */
export function parseNamedConf(text: string): NamedStatements {
  const found: NamedStatements = { includes: [], zones: [], hasViews: false }
  for (const [, include, zone, view] of text.matchAll(statement)) {
    if (include !== undefined) found.includes.push(include)
    if (zone !== undefined) found.zones.push(zone.toLowerCase().replace(/\.$/, ''))
    if (view !== undefined) found.hasViews = true
  }
  return found
}
