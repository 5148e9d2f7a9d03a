/** A package as dpkg or rpm has it installed. */
export interface Package {
  name: string
  version: string
  architecture: string
}

/** What dpkg has installed, of /var/lib/dpkg/status (deb822(5)): also what is not wholly configured, as the files are there. */
export function parseDpkgStatus(text: string): Package[] {
  return text.split(/\n{2,}/).flatMap(paragraph => {
    const field = (name: string) => new RegExp(`^${name}: *(.*)$`, 'm').exec(paragraph)?.[1]?.trim()
    const [name, version, architecture] = [field('Package'), field('Version'), field('Architecture')]
    const isGone = /\b(not-installed|config-files)$/.test(field('Status') ?? 'not-installed')
    return isGone || !name || !version ? [] : [{ name, version, architecture: architecture ?? '' }]
  })
}

/** Keys of those who sign packages are in rpm's database as packages. */
const isKey = ({ name }: Package): boolean => name === 'gpg-pubkey'

/** Lines of name, version and architecture. */
export const parsePackages = (text: string): Package[] =>
  text
    .split('\n')
    .map(line => line.split(' '))
    .flatMap(([name, version, architecture = '']) => (name && version ? [{ name, version, architecture }] : []))
    .filter(one => !isKey(one))

const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export const formatPackages = (packages: readonly Package[]): string =>
  packages
    .map(({ name, version, architecture }) => `${name} ${version} ${architecture}\n`)
    .sort(inOrder)
    .join('')

/** A package that is not the same in two lists; `undefined` where it is not there. Of several versions, as kernels have, all that differ. */
export interface PackageChange {
  name: string
  architecture: string
  from: string | undefined
  to: string | undefined
}

export function comparePackages(from: readonly Package[], to: readonly Package[]): PackageChange[] {
  const [before, after] = [versionsByKey(from), versionsByKey(to)]
  return [...new Set([...before.keys(), ...after.keys()])].sort(inOrder).flatMap(key => {
    const [old, now] = [before.get(key) ?? [], after.get(key) ?? []]
    const only = (ones: readonly string[], others: readonly string[]) =>
      ones.filter(version => !others.includes(version)).join(', ') || undefined
    const change = { from: only(old, now), to: only(now, old) }
    const [name, architecture] = key.split(' ') as [string, string]
    return change.from === undefined && change.to === undefined ? [] : [{ name, architecture, ...change }]
  })
}

function versionsByKey(packages: readonly Package[]): Map<string, string[]> {
  const groups = Map.groupBy(packages, ({ name, architecture }) => `${name} ${architecture}`)
  return new Map([...groups].map(([key, ones]) => [key, ones.map(({ version }) => version).sort(inOrder)]))
}
