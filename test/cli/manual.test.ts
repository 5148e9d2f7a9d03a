import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Action, Option } from '../../src/cli/command.ts'
import { createLchroot } from '../../src/cli/lchroot.ts'
import { lpower } from '../../src/cli/lpower.ts'
import { objects } from '../../src/cli/main.ts'
import { optionsOf } from '../../src/cli/options.ts'
import { namesOf } from '../../src/cli/words.ts'
import { Session } from './session.ts'

const bin = process.env['LUNA_TEST_BIN']!
const manuals = join(bin, '..', 'share', 'man')
const pages = ['man5', 'man8'].flatMap(section =>
  readdirSync(join(manuals, section)).map(name => join(manuals, section, name)),
)
const loaded = await Promise.all(Object.values(objects).map(({ load }) => load()))
const actions = loaded.flatMap(({ name, actions }) =>
  actions.map((action): [string, Action] => [`luna ${name} ${action.name}`, action]),
)

let session: Session
beforeAll(() => {
  session = new Session()
})
afterAll(() => session.site.remove())

/** What man(1) shows, in one line. */
function man(page: string): string {
  const { stdout } = session.site.shell(`MANWIDTH=200 LC_ALL=C man -l ${page} | col -bx`)
  return stdout.replace(/\s+/g, ' ')
}

test('every program has its page', () => {
  const names = pages.map(page => page.replace(/.*\//, ''))
  const programs = readdirSync(bin).map(name => `${name}.8`)
  expect(names.sort()).toEqual(['luna.conf.5', ...programs].sort())
})

test.each(pages)('%s is without warnings', page => {
  expect(session.site.run(['mandoc', '-Tlint', '-W', 'warning', page])).toMatchObject({ status: 0, stdout: '' })
  expect(session.site.run(['groff', '-ww', '-z', '-mandoc', page])).toMatchObject({ status: 0, stderr: '' })
})

describe('luna(8)', () => {
  let text: string
  beforeAll(() => {
    text = man(join(manuals, 'man8', 'luna.8'))
  })

  test.each(actions)('%s, with its options', (title, action) => {
    expect(text).toContain(title)
    for (const option of optionsOf(action)) expect(text).toContain(namesOf(option).long)
  })

  test('answers what an administrator asks', () => {
    for (const words of ['Take in a rack', 'Change an image', 'another network', 'another mainboard', 'EXIT STATUS'])
      expect(text).toContain(words)
  })

  test('its examples are words that luna takes', async () => {
    const examples = [...text.matchAll(/(luna [a-z]+ [a-z]+)(?= [a-z-]|$)/g)].map(match => match[1]!)
    expect(examples.length).toBeGreaterThan(20)
    const known = new Set(actions.map(([title]) => title))
    const said = [...new Set(examples)].filter(one => Object.hasOwn(objects, one.split(' ')[1]!))
    expect(said.filter(one => !known.has(one))).toEqual([])
  })
})

test.each([lpower, createLchroot(() => {})])('$name(8) has every option', tool => {
  const text = man(join(manuals, 'man8', `${tool.name}.8`))
  for (const option of optionsOf(tool)) expect(text).toContain(namesOf(option).long)
})

test.each(['lweb', 'ltorrent'])('%s(8) has every word that it takes', name => {
  const { stdout } = session.site.run([join(bin, name), '--help'])
  const words = /usage: \w+ (\S+), or \w+ (\w+)/.exec(stdout)!
  const text = man(join(manuals, 'man8', `${name}.8`))
  for (const word of [...words[1]!.split('|'), words[2]!]) expect(text).toContain(word)
})

describe('every action', () => {
  test.each(actions)('%s says what it is for, and each option, too', (_, action) => {
    expect(action.summary).toMatch(/^[a-z].*[^.]$/s)
    const options = optionsOf(action)
    for (const { help } of options) expect(help).toMatch(/\S.*[^.]$/s)
    const flags = options.flatMap(option => [...option.flags.split(', '), ...(option.aliases ?? [])])
    expect(flags.filter((flag, index) => flags.indexOf(flag) !== index)).toEqual([])
  })
})

/** `the group's first interface (BOOTIF)`: what stands in the last brackets is used when the option is not. */
const defaultOf = ({ help }: Option): string | undefined => /\(([^()'; ]+)(?:;[^()]*)?\)$/.exec(help)?.[1]

describe('a default that the help tells of is the one that is used', () => {
  test.each([
    ['cluster change', 'cluster show', 9],
    ['bmcsetup add', 'bmcsetup show new --secrets', 5],
    ['network add', 'network show new', 1],
    ['switch add', 'switch show new --secrets', 2],
  ])('%s', async (adding, showing, least) => {
    const more = { 'network add': ' -N 10.60.0.0 -P 16', 'switch add': ' -i 10.30.0.44' }[adding] ?? ''
    if (adding.endsWith(' add')) await session.luna(`${adding} new${more}`.split(' '))
    const { stdout } = await session.luna(`${showing} --json`.split(' '))
    const shown = JSON.parse(stdout) as Record<string, unknown>
    const [, action] = actions.find(([title]) => title === `luna ${adding}`)!
    const told = optionsOf(action).flatMap(option => {
      const [key, value] = [namesOf(option).long.slice(2), defaultOf(option)]
      const text = shown[key] === true ? 'y' : shown[key] === false ? 'n' : String(shown[key] ?? '-')
      // the site of this test has its own user and path
      return value === undefined || !(key in shown) || ['user', 'path'].includes(adding === 'cluster change' ? key : '')
        ? []
        : [[key, value, text] as const]
    })
    expect(told.filter(([, value, text]) => value !== text && text !== '-')).toEqual([])
    expect(told.length).toBeGreaterThanOrEqual(least)
  })
})
