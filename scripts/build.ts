/**
 * build.ts [DIR]: makes DIR (dist/), a tree that can be copied anywhere:
 *   bin/        launchers
 *   lib/luna/   the bundled programs and Node.js
 *   share/luna/ templates, the dracut module, nginx and systemd files
 *   share/man/  the manual
 *   share/bash-completion/, share/zsh/, share/fish/   completion
 */
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { completedPrograms, completionScripts } from '../src/cli/completion.ts'
import { createLchroot } from '../src/cli/lchroot.ts'
import { lpower } from '../src/cli/lpower.ts'
import { bundle, daemonOptions } from './bundle.ts'
import { renderLunaManual, renderToolManual } from './manual.ts'

const root = join(import.meta.dirname, '..')
const dist = resolve(process.argv[2] ?? join(root, 'dist'))
const fresh = `${dist}.new`
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }

const programs = readdirSync(join(root, 'bin')).filter(name => name.endsWith('.ts'))
const workers = ['src/effects/piece-hash-worker.ts'].filter(path => existsSync(join(root, path)))
const shared = [
  'templates',
  'dracut',
  'libexec',
  'nginx',
  'systemd',
  'lab/head',
  'client/bundle',
  'client/bundle-arm64',
].filter(name => existsSync(join(root, name)))

const optionsOf: Record<string, string[]> = { lweb: daemonOptions, ltorrent: daemonOptions }

/** The compile cache lets a command start in half the time (nodejs.org/api/module.html, module compile cache). */
const launcher = (program: string) => `#!/bin/sh
self=$(readlink -f -- "$0")
luna=\${self%/bin/*}/lib/luna
unset NODE_EXTRA_CA_CERTS
[ -w "$luna/cache" ] && export NODE_COMPILE_CACHE="$luna/cache"
exec ${['"$luna/node"', ...(optionsOf[program] ?? []), `"$luna/${program}.mjs"`].join(' ')} "$@"
`

function placeNode(target: string): void {
  const node = process.execPath
  try {
    linkSync(node, target)
  } catch {
    copyFileSync(node, target)
    chmodSync(target, 0o755)
  }
}

rmSync(fresh, { recursive: true, force: true })
mkdirSync(join(fresh, 'bin'), { recursive: true })
mkdirSync(join(fresh, 'lib', 'luna', 'cache'), { recursive: true })
const sources = [...programs.map(name => join('bin', name)), ...workers]
await bundle(
  sources.map(path => ({ in: path, out: basename(path, '.ts') })),
  join(fresh, 'lib', 'luna'),
  version,
)
placeNode(join(fresh, 'lib', 'luna', 'node'))
for (const program of programs.map(name => basename(name, '.ts'))) {
  writeFileSync(join(fresh, 'bin', program), launcher(program), { mode: 0o755 })
}
for (const name of shared) cpSync(join(root, name), join(fresh, 'share', 'luna', name), { recursive: true })

const manuals = join(root, 'docs', 'man')
for (const section of ['5', '8']) mkdirSync(join(fresh, 'share', 'man', `man${section}`), { recursive: true })
for (const page of readdirSync(manuals).filter(name => /\.[58]$/.test(name)))
  copyFileSync(join(manuals, page), join(fresh, 'share', 'man', `man${page.at(-1)}`, page))
writeFileSync(join(fresh, 'share', 'man', 'man8', 'luna.8'), await renderLunaManual(manuals))
for (const tool of [lpower, createLchroot(() => {})])
  writeFileSync(join(fresh, 'share', 'man', 'man8', `${tool.name}.8`), renderToolManual(tool))

// where each shell looks for them, below a prefix; bash looks for a file of the program's name
const completions: [path: string, text: string][] = [
  ...completedPrograms.map((name): [string, string] => [`bash-completion/completions/${name}`, completionScripts.bash]),
  ['zsh/site-functions/_luna', completionScripts.zsh],
  ...completedPrograms.map((name): [string, string] => [
    `fish/vendor_completions.d/${name}.fish`,
    completionScripts.fish,
  ]),
]
for (const [path, text] of completions) {
  const target = join(fresh, 'share', path)
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, text)
}

rmSync(dist, { recursive: true, force: true })
renameSync(fresh, dist)
