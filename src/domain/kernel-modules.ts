/** The kernel and modprobe take a hyphen for an underscore in module names. */
const normalize = (name: string): string => name.replaceAll('-', '_')

/**
 * Names of all modules of a kernel, loadable and built in.
 * @param lists texts of modules.dep and modules.builtin: lines that begin with `kernel/drivers/char/ipmi/ipmi_si.ko.xz`
 */
export function parseModuleLists(lists: readonly string[]): Set<string> {
  const paths = lists.flatMap(list => list.split('\n')).map(line => line.split(':')[0]!)
  const names = paths.map(path => /([^/]+)\.ko(\.\w+)?$/.exec(path)?.[1])
  return new Set(names.flatMap(name => (name === undefined ? [] : [normalize(name)])))
}

/** Sorts requested modules into those the kernel has and those it lacks. */
export function sortModules(requested: readonly string[], present: ReadonlySet<string>) {
  const has = (name: string) => present.has(normalize(name))
  return { found: requested.filter(has), missing: requested.filter(name => !has(name)) }
}
