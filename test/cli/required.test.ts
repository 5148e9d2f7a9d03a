import { afterAll, beforeAll, expect, test } from 'vitest'
import { mayChange } from '../../src/cli/command.ts'
import { objects } from '../../src/cli/main.ts'
import { namesOf } from '../../src/cli/words.ts'
import { Session } from './session.ts'

const loaded = await Promise.all(Object.values(objects).map(({ load }) => load()))
const actions = loaded.flatMap(({ name, actions }) =>
  actions.map(action => ({ title: `${name} ${action.name}`, action })),
)

let session: Session
beforeAll(() => {
  session = new Session()
})
afterAll(() => session.site.remove())

/** Options that the action asks for, one after the other, when nothing but its NAME is there. */
async function askedFor(title: string, words: readonly string[]): Promise<string[]> {
  const { stderr } = await session.luna([...title.split(' '), ...words, '--dry-run'])
  const missing = new RegExp(`^luna: (--\\w+) is missing; see: luna ${title} --help$`, 'm').exec(stderr)?.[1]
  return missing === undefined ? [] : [missing, ...(await askedFor(title, [...words, missing, 'x']))]
}

test.each(actions.filter(({ action }) => mayChange(action)))(
  'luna $title says what it cannot do without',
  async ({ title, action }) => {
    const marked = (action.options ?? []).filter(({ required }) => required)
    const asked = await askedFor(title, action.subject ? ['compute'] : [])
    expect(asked.sort()).toEqual(marked.map(option => namesOf(option).long).sort())
    const { stdout } = await session.luna([...title.split(' '), '--help'])
    for (const { flags, value } of marked) expect(stdout).toMatch(new RegExp(`^ +${flags} <${value}> .*required`, 'ms'))
  },
)
