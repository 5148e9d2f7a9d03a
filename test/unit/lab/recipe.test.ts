import { expect, test } from 'vitest'
import { buildImage, hashRecipe, proxiesFrom, recipe, sourcesFrom } from '../../../lab/recipe.ts'

test("Debian's own places are taken from apt, others are not", () => {
  const indexes = `http://mirror.example/debian/ bookworm main Debian bookworm
http://mirror.example/debian/ bookworm main Debian bookworm
http://mirror.example/debian/ bookworm contrib Debian bookworm
http://mirror.example/debian/ bookworm-updates main Debian bookworm-updates
http://mirror.example/debian/ trixie main Debian trixie
http://mirror.example/security/ bookworm-security main Debian bookworm-security
https://tools.example/apt/ bookworm main Tools bookworm
`
  expect(sourcesFrom(indexes)).toEqual([
    'deb http://mirror.example/debian/ bookworm main',
    'deb http://mirror.example/debian/ bookworm-updates main',
    'deb http://mirror.example/security/ bookworm-security main',
  ])
})

test("apt's proxy is handed on", () => {
  const config = `Acquire "";
Acquire::http "";
Acquire::http::Proxy "http://proxy.example:3128";
Acquire::https::Proxy "";
`
  expect(proxiesFrom(config)).toEqual({ http_proxy: 'http://proxy.example:3128' })
})

test('another recipe has another hash, and the key is part of it', () => {
  const made = recipe('ssh-ed25519 AAAA luna-lab\n')
  expect(hashRecipe(made)).toBe(hashRecipe(recipe('ssh-ed25519 AAAA luna-lab\n')))
  expect(hashRecipe(recipe('ssh-ed25519 BBBB luna-lab\n'))).not.toBe(hashRecipe(made))
  expect(hashRecipe({ ...made, packages: [...made.packages, 'vim'] })).not.toBe(hashRecipe(made))
})

test('nothing of Luna is put into the image', () => {
  const { argv, input } = buildImage(recipe('KEY'), '/tree', ['deb http://mirror.example/ bookworm main'], {})
  expect(argv.join(' ')).not.toMatch(/luna-|95luna/)
  expect(input).toBe('deb http://mirror.example/ bookworm main\n')
})
