import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Exec } from '../src/effects/exec.ts'
import { LunaError } from '../src/errors.ts'
import type { LabPaths } from './paths.ts'
import { buildImage, hashRecipe, listIndexes, proxiesFrom, recipe, sourcesFrom } from './recipe.ts'
import { removeTree } from './remove-tree.ts'
import type { Screen } from './screen.ts'

/** Makes the key that may log in to the nodes, once. @returns the public key's line */
export async function ensureKey(exec: Exec, { key }: LabPaths): Promise<string> {
  if (!existsSync(key)) {
    mkdirSync(dirname(key), { recursive: true, mode: 0o700 })
    await exec.run({ argv: ['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'luna-lab', '-f', key] })
  }
  return readFileSync(`${key}.pub`, 'utf8')
}

/**
 * Makes the lab's image unless the one that is there was made by the same recipe. Takes the packages from where this
 * machine's own apt takes them. @throws LunaError when there is no such place or mmdebstrap fails
 */
export async function ensureImage(exec: Exec, paths: LabPaths, screen: Screen, publicKey: string): Promise<void> {
  const made = recipe(publicKey)
  const hash = hashRecipe(made)
  if (existsSync(paths.imageRecipe) && readFileSync(paths.imageRecipe, 'utf8') === hash)
    return screen.print(`image: ${paths.image} (kept from before)`)
  screen.print(`image: making a small Debian in ${paths.image}; this takes a minute or two, once`)
  const sources = sourcesFrom((await exec.run(listIndexes())).stdout)
  if (sources.length === 0)
    throw new LunaError('notReady', `apt knows of no Debian ${made.suite} to make the image from; run: apt-get update`)
  const proxies = proxiesFrom((await exec.run({ argv: ['apt-config', 'dump', 'Acquire'] })).stdout)
  const fresh = `${paths.image}.new`
  await removeTree(exec, fresh)
  await exec.run(buildImage(made, fresh, sources, proxies), progressOn(screen))
  await removeTree(exec, paths.image, paths.imageRecipe)
  renameSync(fresh, paths.image)
  writeFileSync(paths.imageRecipe, hash)
  screen.redraw([])
}

/** One changing line of what mmdebstrap, apt and dpkg are at. */
function progressOn(screen: Screen) {
  const startedMs = Date.now()
  const show = (line: string) => {
    const seconds = Math.round((Date.now() - startedMs) / 1000)
    if (/^(I: |Get:|Unpacking |Setting up )/.test(line)) screen.redraw([`  ${seconds} s  ${line.slice(0, 70)}`])
  }
  return { onStdoutLine: show, onStderrLine: show }
}
