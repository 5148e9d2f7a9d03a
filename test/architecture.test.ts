import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

/**
 * The plan of the house, held: rooms are folders of src/, and each may import only what stands here. A room named with `types` gives
 * its types alone (`import type`). `luna.ts` puts the parts together; bin/ starts programs.
 */
const mayImport: Record<string, { all: string[]; types?: string[] }> = {
  errors: { all: [] },
  config: { all: ['errors', 'domain'] },
  domain: { all: ['errors'] },
  torrent: { all: ['errors', 'domain'] },
  render: { all: ['errors', 'domain'] },
  store: { all: ['errors', 'domain'] },
  tools: { all: ['errors', 'domain'] },
  effects: { all: ['errors', 'domain', 'torrent'], types: ['tools'] },
  operations: { all: ['errors', 'domain', 'store', 'render', 'tools', 'torrent'], types: ['effects', 'luna'] },
  cli: { all: ['errors', 'domain', 'operations', 'torrent'], types: ['luna'] },
  http: { all: ['errors', 'domain', 'operations', 'torrent'], types: ['luna'] },
  // start, stop and status are before there is a Luna
  daemons: { all: ['errors', 'config', 'domain', 'operations', 'torrent', 'http'], types: ['luna', 'effects'] },
  luna: { all: ['errors', 'config', 'domain', 'store', 'tools', 'effects'] },
  // the part of luna.ts that is quick enough for the Tab key
  'completion-names': { all: ['config', 'store'] },
  bin: { all: ['errors', 'config', 'luna', 'cli', 'daemons', 'effects', 'completion-names'] },
}

const root = join(import.meta.dirname, '..')
const files = globSync('{src,bin}/**/*.ts', { cwd: root }).filter(
  path => !path.endsWith('.d.ts') && path !== 'bin/luna-lab.ts',
)

/** src/domain/mac.ts → domain, src/luna.ts → luna, bin/lweb.ts → bin */
function roomOf(path: string): string {
  const [first, second] = path.split('/')
  return first === 'src' ? basename(second!, '.ts') : first!
}

interface Import {
  from: string
  to: string
  typesOnly: boolean
}

const statement = /^(import|export) (type )?[^'"]*?from '(\.[^']+)'|\bimport\('(\.[^']+)'\)|^import '(\.[^']+)'/gm

const importsOf = (path: string): Import[] =>
  [...readFileSync(join(root, path), 'utf8').matchAll(statement)].map(match => ({
    from: path,
    to: relative(root, join(root, dirname(path), (match[3] ?? match[4] ?? match[5])!)),
    typesOnly: match[2] !== undefined,
  }))

const imports = files.flatMap(importsOf)

test('the files are read as they are', () => {
  expect(imports.length).toBeGreaterThan(300)
  expect(imports.filter(one => !existsSync(join(root, one.to)))).toEqual([])
})

describe('rooms import what the plan says', () => {
  const isAllowed = ({ from, to, typesOnly }: Import): boolean => {
    const [room, other] = [roomOf(from), roomOf(to)]
    const { all, types = [] } = mayImport[room] ?? { all: [] }
    return room === other || all.includes(other) || (typesOnly && types.includes(other))
  }

  test.each(Object.keys(mayImport))('%s', room => {
    const wrong = imports.filter(one => roomOf(one.from) === room && !isAllowed(one))
    expect(wrong.map(({ from, to, typesOnly }) => `${from} → ${to}${typesOnly ? ' (types)' : ''}`)).toEqual([])
  })

  test('there is no other room', () => {
    expect([...new Set(files.map(roomOf))].filter(room => !(room in mayImport))).toEqual([])
  })
})

test('no file imports itself, by whatever way round', () => {
  const next = new Map(
    files.map(path => [path, imports.filter(one => one.from === path && !one.typesOnly).map(one => one.to)]),
  )
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) cycles.push([...way.slice(way.indexOf(path)), path].join(' → '))
    if (done.has(path) || way.includes(path)) return
    for (const other of next.get(path) ?? []) visit(other, [...way, path])
    done.add(path)
  }
  for (const path of files) visit(path, [])
  expect(cycles).toEqual([])
})

test('no drawer for odds and ends', () => {
  const names = files.flatMap(path => path.split('/').map(part => basename(part, '.ts')))
  expect(names.filter(name => /^(utils?|helpers?|misc|common|shared|lib)$/.test(name))).toEqual([])
})

test('no barrels: nothing is exported that is made elsewhere', () => {
  const reexports = files.filter(path =>
    /^export (type )?(\*|\{[^}]*\}) from/m.test(readFileSync(join(root, path), 'utf8')),
  )
  expect([...reexports, ...files.filter(path => basename(path) === 'index.ts')]).toEqual([])
})

test('files have kebab-case names', () => {
  const wrong = files.filter(path => !path.split('/').every(part => /^[a-z0-9]+(-[a-z0-9]+)*(\.ts)?$/.test(part)))
  expect(wrong).toEqual([])
})

describe('what touches the world has its place', () => {
  const using = (pattern: RegExp) => files.filter(path => pattern.test(readFileSync(join(root, path), 'utf8')))

  test('only effects start programs', () => {
    const wrong = using(/^import \{.*from '(node:child_process|tinyexec)'/m).filter(path => roomOf(path) !== 'effects')
    // a daemon starts itself again, with no parent and a log for output: more than Exec has words for
    expect(wrong).toEqual(['src/daemons/start-stop.ts'])
  })

  test('only config reads the environment', () => {
    const wrong = using(/process\.env\b/).filter(path => !['config', 'effects'].includes(roomOf(path)))
    expect(wrong).toEqual([])
  })

  test('pure rooms know no files, sockets or clock', () => {
    const pure = ['domain', 'render', 'tools', 'torrent', 'errors']
    const wrong = using(
      /from 'node:(fs|http|dgram|os)[/'p]|createServer|createConnection|Date\.now\(|new Date\(\)|Math\.random\(/,
    )
    expect(wrong.filter(path => pure.includes(roomOf(path)))).toEqual([])
  })

  test('SQL is in the store', () => {
    expect(using(/from 'kysely'|from 'node:sqlite'/).filter(path => roomOf(path) !== 'store')).toEqual([])
  })

  test('importing a file of src does nothing', () => {
    // what a module does by itself starts at the line's beginning; a worker's file is a program
    const wrong = using(/^(await |for \(|if \(|while \(|try \{|process\.|console\.|set(Timeout|Interval)\()/m)
    expect(wrong.filter(path => roomOf(path) !== 'bin' && !path.endsWith('-worker.ts'))).toEqual([])
  })
})
