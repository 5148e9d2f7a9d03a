/** `luna osimage pack --image` beside `tar | zstd -T0` of the same tree, in turns; the goal is at most 1.3 times as long. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { labPaths } from '../lab/paths.ts'

const rounds = 5
const luna = join(import.meta.dirname, '..', 'dist', 'bin', 'luna')
const image = process.argv[2] ?? labPaths(process.env['LUNA_LAB_DIR'] ?? '/var/cache/luna-lab').image
if (!existsSync(image)) {
  console.log(`${image} is not there; run make lab first, or name the directory of an image`)
  process.exit()
}

const directory = mkdtempSync('/var/tmp/luna-bench-')
const tarball = join(directory, 'plain.tar.zst')
const env = { ...process.env, LUNA_CONF: join(directory, 'luna.conf') }
writeFileSync(env.LUNA_CONF, `[database]\nurl = sqlite:${directory}/luna.db\n[daemons]\nrun_directory = ${directory}\n`)

const run = (...words: string[]) => execFileSync(luna, words, { env, stdio: ['ignore', 'ignore', 'pipe'] })
const pack = () => run('osimage', 'pack', 'compute', '--image')
const plain = () => {
  rmSync(tarball, { force: true })
  execFileSync('sh', ['-c', 'tar --directory="$1" --create . | zstd -T0 -q -o "$2"', 'sh', image, tarball])
}

function secondsOf(action: () => void): number {
  const startMs = performance.now()
  action()
  return (performance.now() - startMs) / 1000
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!
const line = (what: string, values: number[]) =>
  console.log(
    `  ${what.padEnd(24)} ${median(values).toFixed(2)} s   (${values.map(value => value.toFixed(2)).join(' ')})`,
  )

try {
  run('cluster', 'init', '--frontend_address', '10.30.255.254', '--user', 'root', '--path', join(directory, 'opt'))
  run('osimage', 'add', 'compute', '--path', image)
  run('osimage', 'pack', 'compute')
  plain()
  const seconds: { pack: number[]; plain: number[] } = { pack: [], plain: [] }
  for (let round = 0; round < rounds; round++) {
    seconds.plain.push(secondsOf(plain))
    seconds.pack.push(secondsOf(pack))
  }
  console.log(`packing ${image}, ${Math.round(statSync(tarball).size / 1e6)} MB packed`)
  line('tar | zstd -T0', seconds.plain)
  line('luna osimage pack -i', seconds.pack)
  console.log(`  ratio                    ${(median(seconds.pack) / median(seconds.plain)).toFixed(2)}`)
} finally {
  rmSync(directory, { recursive: true })
}
