/**
 * Commands on many nodes, and how they grow with their number: adding beside the sqlite3 shell that inserts the same rows (goal: at most
 * 4 times as long), listing, and writing DHCP and DNS (goal: 2 s of CPU each), showing one (goal: within 1.3 times of the same with 10 nodes).
 * Each node has two addresses, a MAC and the history of eight boots. The goals are for 5,000 nodes. Needs root, sqlite3, dhcpd, named-checkconf.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { giveHistory, MeasuredSite, type Usage } from './measuring/measured-site.ts'
import { medianOf, printGoal, printTable } from './measuring/numbers.ts'

const sizes = [100, 1000, 5000, 20_000]
const goalSize = 5000
const runs = 5

type Figures = Record<string, number>

/** Medians of several runs of a command, each after `prepare`. */
function medianUsage(site: MeasuredSite, words: readonly (readonly string[])[], prepare = () => {}): Usage {
  const all = Array.from({ length: runs }, (_, run) => {
    prepare()
    return site.measure(...words[run % words.length]!)
  })
  const median = (key: keyof Usage) => medianOf(all.map(usage => usage[key]))
  return { elapsedMs: median('elapsedMs'), cpuMs: median('cpuMs'), memoryMiB: median('memoryMiB') }
}

/** In turns: the command, and the shell with the rows that the command made. */
function measureAdding(site: MeasuredSite, nodes: string): Pick<Figures, 'add' | 'sqlite3'> {
  const script = site.path('rows.sql')
  const [add, shell]: [number[], number[]] = [[], []]
  site.saveDatabase('empty.db')
  for (let run = 0; run < runs; run++) {
    site.restoreDatabase('empty.db')
    add.push(site.measure('node', 'add', nodes, '-g', 'compute').elapsedMs)
    site.saveDatabase('added.db')
    const rows = execFileSync('sqlite3', [site.site.database, '.dump node', '.dump address'], { maxBuffer: 1e9 })
    const inserts = rows.toString().match(/^INSERT .*$/gm)!
    writeFileSync(script, ['pragma foreign_keys = on;', 'begin immediate;', ...inserts, 'commit;'].join('\n'))
    site.restoreDatabase('empty.db')
    const startMs = performance.now()
    execFileSync('sqlite3', [site.site.database], { input: readFileSync(script) })
    shell.push(performance.now() - startMs)
  }
  site.restoreDatabase('added.db')
  return { add: medianOf(add), sqlite3: medianOf(shell) }
}

/** In turns: one of many, and one of ten. */
function measureShowing(many: MeasuredSite, ten: MeasuredSite): Pick<Figures, 'show' | 'showOfTen'> {
  const [show, showOfTen]: [number[], number[]] = [[], []]
  for (let run = 0; run < 3 * runs; run++) {
    show.push(many.measure('node', 'show', 'node00007').elapsedMs)
    showOfTen.push(ten.measure('node', 'show', 'node00007').elapsedMs)
  }
  return { show: medianOf(show), showOfTen: medianOf(showOfTen) }
}

/** In turns: what the Tab key asks for, and the help. */
function measureCompleting(many: MeasuredSite): Pick<Figures, 'tab' | 'help'> {
  const [tab, help]: [number[], number[]] = [[], []]
  for (let run = 0; run < 3 * runs; run++) {
    tab.push(many.measure('complete', '--', 'luna', 'node', 'show', 'node000').cpuMs)
    help.push(many.measure('--help').cpuMs)
  }
  return { tab: medianOf(tab), help: medianOf(help) }
}

const hostlist = (size: number) => `node[00001-${String(size).padStart(5, '0')}]`

function measure(size: number, ten: MeasuredSite): Figures {
  const site = new MeasuredSite()
  try {
    const nodes = hostlist(size)
    site.site.ok('network', 'add', '-n', 'second', '-N', '10.40.0.0', '-P', '16')
    site.site.ok('group', 'add', '-n', 'other', '-o', 'compute', '-N', 'cluster', '-bn', 'ipmi')
    const adding = measureAdding(site, nodes)
    giveHistory(site.site.database)
    const list = medianUsage(site, [['node', 'list']])
    const showing = measureShowing(site, ten)
    const completing = measureCompleting(site)
    site.measure('cluster', 'makedhcp', '-N', 'cluster', '-s', '10.30.240.1', '-e', '10.30.241.255')
    const dhcp = medianUsage(site, [['cluster', 'makedhcp']])
    const dns = medianUsage(site, [['cluster', 'makedns']])
    const change = medianUsage(site, [['node', 'change', nodes, '--localboot', 'y']])
    const move = medianUsage(site, [
      ['node', 'change', nodes, '-g', 'other'],
      ['node', 'change', nodes, '-g', 'compute'],
    ])
    site.measure('node', 'change', nodes, '-g', 'compute')
    const setnet = medianUsage(site, [
      ['group', 'change', 'compute', '-i', 'BOOTIF', '--setnet', 'second'],
      ['group', 'change', 'compute', '-i', 'BOOTIF', '--setnet', 'cluster'],
    ])
    site.saveDatabase('full.db')
    const remove = medianUsage(site, [['node', 'delete', nodes]], () => site.restoreDatabase('full.db'))
    return {
      ...adding,
      ...completing,
      ...showing,
      list: list.cpuMs,
      dhcp: dhcp.cpuMs,
      dns: dns.cpuMs,
      change: change.elapsedMs,
      move: move.elapsedMs,
      setnet: setnet.elapsedMs,
      remove: remove.elapsedMs,
      memory: Math.max(...[list, dhcp, dns, change, move, setnet, remove].map(usage => usage.memoryMiB)),
    }
  } finally {
    site.remove()
  }
}

const rows: [string, string][] = [
  ['sqlite3', 'sqlite3 shell, the same rows, ms'],
  ['add', 'node add HOSTLIST, ms'],
  ['list', 'node list, ms of CPU'],
  ['showOfTen', 'node show ONE of ten nodes, ms'],
  ['show', 'node show ONE, ms'],
  ['help', 'luna --help, ms of CPU'],
  ['tab', 'completing node show node000, ms of CPU'],
  ['dhcp', 'cluster makedhcp, ms of CPU'],
  ['dns', 'cluster makedns, ms of CPU'],
  ['change', 'node change ALL --localboot y, ms'],
  ['move', 'node change ALL -g OTHER, ms'],
  ['setnet', 'group change --setnet, ms'],
  ['remove', 'node delete ALL, ms'],
  ['memory', 'most memory of these, MiB'],
]

const ten = new MeasuredSite()
ten.site.ok('node', 'add', hostlist(10), '-g', 'compute')
giveHistory(ten.site.database)
const figures = new Map(sizes.map(size => [size, measure(size, ten)]))
ten.remove()
console.log(`medians of ${runs} runs`)
printTable([
  ['nodes', ...sizes.map(size => size.toLocaleString('en'))],
  ...rows.map(([key, text]) => [text, ...sizes.map(size => figures.get(size)![key]!.toFixed(0))]),
])
const at = figures.get(goalSize)!
const goal = (what: string, figure: number, most: number, unit: string) =>
  printGoal(what, `${figure.toFixed(2)}${unit}`, `at most ${most}${unit}`, figure <= most)
console.log(`goals, ${goalSize.toLocaleString('en')} nodes`)
goal('node add beside the sqlite3 shell, ratio', at['add']! / at['sqlite3']!, 4, '')
goal('node list, CPU', at['list']! / 1000, 2, ' s')
goal('makedhcp and makedns together, CPU without the checkers', (at['dhcp']! + at['dns']!) / 1000, 2, ' s')
goal('node show of one beside the same with 10 nodes, ratio', at['show']! / at['showOfTen']!, 1.3, '')
goal('completing a name beside luna --help, ratio of CPU', at['tab']! / at['help']!, 2, '')
